import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Delivery } from "../api/documents";
import { Time } from "../layout/Time";
import { personName } from "../layout/times";
import { texts } from "../texts";
import { StateBadge } from "./StateBadge";

const words = texts.deliveries;

/** Deliveries, one a row; the patient leads to the details. */
export function DeliveryTable({
  deliveries,
  withStudy = true,
}: {
  deliveries: Delivery[];
  withStudy?: boolean;
}) {
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing={6} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.columns.state}</Table.Th>
            <Table.Th>{words.columns.patient}</Table.Th>
            {withStudy ? <Table.Th visibleFrom="md">{words.columns.study}</Table.Th> : null}
            <Table.Th ta="right" visibleFrom="xs">
              {words.columns.images}
            </Table.Th>
            <Table.Th visibleFrom="lg">{words.columns.policy}</Table.Th>
            <Table.Th visibleFrom="sm">{words.columns.destination}</Table.Th>
            <Table.Th visibleFrom="xs">{words.columns.made}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} withStudy={withStudy} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function DeliveryRow({ delivery, withStudy }: { delivery: Delivery; withStudy: boolean }) {
  const { resource, destination, policy } = delivery;
  const error =
    delivery.state === "failed" || delivery.state === "retrying" ? delivery.attempts.at(-1)?.error : null;
  return (
    <Table.Tr>
      <Table.Td>
        <StateBadge state={delivery.state} />
      </Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`/deliveries/${delivery.id}`} style={{ overflowWrap: "anywhere" }}>
          {personName(resource.patient_name) || resource.patient_id || words.noPatient}
        </Anchor>
        {resource.patient_name && resource.patient_id ? (
          <Text size="xs" c="dimmed">
            {resource.patient_id}
          </Text>
        ) : null}
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          → {destination?.name ?? words.noDestination}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="xs">
          <Time at={delivery.created_at} />
        </Text>
        {error ? (
          <Text size="xs" c="var(--mantine-color-error)" lineClamp={1} title={error}>
            {error}
          </Text>
        ) : null}
      </Table.Td>
      {withStudy ? (
        <Table.Td visibleFrom="md">
          {[resource.modality, resource.study_description].filter(Boolean).join(" · ")}
          {resource.accession_number ? (
            <Text size="xs" c="dimmed">
              {resource.accession_number}
            </Text>
          ) : null}
        </Table.Td>
      ) : null}
      <Table.Td ta="right" visibleFrom="xs">
        {delivery.instances.toLocaleString()}
      </Table.Td>
      <Table.Td visibleFrom="lg">{policy?.name ?? words.byHand}</Table.Td>
      <Table.Td visibleFrom="sm">{destination?.name ?? words.noDestination}</Table.Td>
      <Table.Td visibleFrom="xs" style={{ whiteSpace: "nowrap" }}>
        <Time at={delivery.created_at} />
      </Table.Td>
    </Table.Tr>
  );
}
