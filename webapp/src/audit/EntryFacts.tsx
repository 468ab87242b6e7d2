// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Box } from "@mantine/core";
import { Link } from "react-router";
import type { AuditEntry } from "../api/audit";
import { FactTable, type Fact } from "../layout/FactTable";
import { exactTime, personName } from "../layout/times";
import { texts } from "../texts";

const words = texts.audit.facts;

/** All that is recorded of one act; what is empty is left out. */
export function EntryFacts({ entry }: { entry: AuditEntry }) {
  const { patient, object, destination, actor } = entry;
  const facts: Fact[] = [
    [words.at, exactTime(entry.at)],
    [words.event, entry.event],
    [words.detail, entry.detail],
    [words.address, actor.address],
    [words.revision, object?.revision],
    [words.patientName, personName(patient?.patient_name ?? "")],
    [words.patientId, patient?.patient_id],
    [words.accession, patient?.accession_number],
    [
      words.study,
      patient?.study ? (
        <Anchor component={Link} to={`/studies/${patient.study}`}>
          {patient.study_instance_uid || patient.study}
        </Anchor>
      ) : (
        patient?.study_instance_uid
      ),
    ],
    [
      words.destination,
      destination ? (
        <Anchor component={Link} to={`/destinations/${destination.id}`}>
          {destination.name}
        </Anchor>
      ) : null,
    ],
    [words.instances, entry.instances?.toLocaleString()],
    [words.object, object?.id],
    [words.node, entry.node],
    [words.number, entry.number.toLocaleString()],
    [words.previous, entry.previous],
    [words.hash, entry.hash],
  ];
  return (
    <Box mb="sm">
      <FactTable facts={facts} names="30%" />
    </Box>
  );
}
