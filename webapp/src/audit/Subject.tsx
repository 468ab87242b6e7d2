// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { AuditEntry } from "../api/audit";
import { personName } from "../layout/times";
import { texts } from "../texts";

const places: Partial<Record<string, string>> = {
  policy: "policies",
  destination: "destinations",
  delivery: "deliveries",
  run: "runs",
};

/** What it was done to, and whose data went where; each leads to its own page. */
export function Subject({ entry: { object, patient, destination, instances } }: { entry: AuditEntry }) {
  const place = object ? places[object.type] : undefined;
  const name = patient ? personName(patient.patient_name) || patient.patient_id : "";
  return (
    <>
      {object ? (
        place ? (
          <Anchor component={Link} to={`/${place}/${object.id}`}>
            {name || object.name || object.id.slice(0, 8)}
          </Anchor>
        ) : (
          object.name || object.id
        )
      ) : (
        name
      )}
      {destination && object?.type !== "destination" ? (
        <Text size="xs" c="dimmed">
          {texts.audit.to(instances === null ? "" : texts.deliveries.images(instances), destination.name)}
        </Text>
      ) : null}
    </>
  );
}
