// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Delivery } from "../api/deliveryDocuments";
import { FactTable, type Fact } from "../layout/FactTable";
import { Time } from "../layout/Time";
import { dicomDate, personName } from "../layout/times";
import { texts } from "../texts";

const words = texts.deliveries.detail;

function senderName({ aet, ip }: { aet: string; ip: string }) {
  return aet && ip ? `${aet} (${ip})` : aet || ip;
}

/** What a delivery is about; what is not known is left out. */
export function DeliveryFacts({ delivery }: { delivery: Delivery }) {
  const { resource, policy, destination, remaining, instances } = delivery;
  const images =
    remaining > 0 && remaining < instances
      ? texts.deliveries.imagesLeft(remaining, instances)
      : instances.toLocaleString();
  const facts: Fact[] = [
    [words.patientName, personName(resource.patient_name)],
    [words.patientId, resource.patient_id],
    [words.accession, resource.accession_number],
    [words.description, resource.study_description],
    [words.studyDate, dicomDate(resource.study_date)],
    [words.modality, resource.modality],
    [
      words.policy,
      policy ? (
        <>
          <Anchor component={Link} to={`/policies/${policy.id}`} underline="always">
            {policy.name}
          </Anchor>{" "}
          ({words.revision(policy.revision)})
        </>
      ) : (
        texts.deliveries.byHand
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
    [
      words.insteadOf,
      delivery.instead_of ? (
        <Anchor component={Link} to={`/deliveries/${delivery.instead_of}`}>
          {words.insteadOfLink}
        </Anchor>
      ) : null,
    ],
    [
      words.run,
      delivery.run ? (
        <Anchor component={Link} to={`/runs/${delivery.run}`}>
          {words.runLink}
        </Anchor>
      ) : null,
    ],
    [words.level, words.levels[resource.level]],
    [words.images, images],
    [words.late, delivery.late ? words.lateHint : null],
    [words.unmatched, delivery.unmatched ? words.unmatchedHint(delivery.unmatched) : null],
    [words.senders, delivery.senders.map(senderName).filter(Boolean).join(", ")],
    [words.priority, words.priorities[delivery.priority]],
    [words.made_at, <Time at={delivery.created_at} />],
    [words.finished_at, delivery.finished_at ? <Time at={delivery.finished_at} /> : null],
    [words.studyUid, resource.study_instance_uid],
    [words.seriesUid, resource.series_instance_uid],
    [words.id, delivery.id],
  ];
  return <FactTable facts={facts} names="38%" />;
}
