// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Delivery } from "../api/deliveryDocuments";
import { Time } from "../layout/Time";
import { personName } from "../layout/times";
import { texts } from "../texts";
import classes from "./DeliveryTable.module.css";
import { StateBadge } from "./StateBadge";
import { examination } from "./subject";

const words = texts.deliveries;

export interface DeliveryTableProps {
  deliveries: Delivery[];
  /** Whose deliveries they are: with those of one study, patient and study go without saying. */
  about?: "many studies" | "one study";
}

/** Deliveries, one a row; the first link of a row leads to the details. */
export function DeliveryTable({ deliveries, about = "many studies" }: DeliveryTableProps) {
  const many = about === "many studies";
  return (
    <Table verticalSpacing={6} highlightOnHover className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th className={classes.state}>{words.columns.state}</Table.Th>
          {many ? (
            <>
              <Table.Th>{words.columns.patient}</Table.Th>
              <Table.Th visibleFrom="md">{words.columns.study}</Table.Th>
            </>
          ) : (
            <Table.Th>{words.columns.policy}</Table.Th>
          )}
          <Table.Th ta="right" visibleFrom="xs" className={classes.images}>
            {words.columns.images}
          </Table.Th>
          {many ? <Table.Th visibleFrom="lg">{words.columns.policy}</Table.Th> : null}
          <Table.Th visibleFrom="sm">{words.columns.destination}</Table.Th>
          <Table.Th visibleFrom="xs" className={classes.made}>
            {words.columns.made}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {deliveries.map((delivery) => (
          <DeliveryRows key={delivery.id} delivery={delivery} many={many} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A delivery, and below it why it has not arrived. */
function DeliveryRows({ delivery, many }: { delivery: Delivery; many: boolean }) {
  const { state, attempts } = delivery;
  const error = state === "failed" || state === "retrying" ? attempts.at(-1)?.error : null;
  return (
    <>
      <Table.Tr className={error ? classes.explained : undefined}>
        <Table.Td>
          <StateBadge state={state} />
        </Table.Td>
        {many ? <Patient delivery={delivery} /> : <Policy delivery={delivery} />}
        <Table.Td ta="right" visibleFrom="xs">
          {delivery.instances.toLocaleString()}
        </Table.Td>
        {many ? (
          <Table.Td visibleFrom="lg" className={classes.words}>
            {delivery.policy?.name ?? words.byHand}
          </Table.Td>
        ) : null}
        <Table.Td visibleFrom="sm" className={classes.words}>
          {delivery.destination?.name ?? words.noDestination}
        </Table.Td>
        <Table.Td visibleFrom="xs">
          <Time at={delivery.created_at} />
        </Table.Td>
      </Table.Tr>
      {error ? (
        <Table.Tr>
          <Table.Td />
          <Table.Td colSpan={6} pt={0}>
            <Text size="xs" c="var(--mantine-color-error)" lineClamp={2} title={error}>
              {error}
            </Text>
          </Table.Td>
        </Table.Tr>
      ) : null}
    </>
  );
}

function Patient({ delivery }: { delivery: Delivery }) {
  const { resource } = delivery;
  return (
    <>
      <Table.Td className={classes.words}>
        <DeliveryLink delivery={delivery}>
          {personName(resource.patient_name) || resource.patient_id || words.noPatient}
        </DeliveryLink>
        {resource.patient_name && resource.patient_id ? (
          <Text size="xs" c="dimmed">
            {resource.patient_id}
          </Text>
        ) : null}
        <OnPhone delivery={delivery} />
      </Table.Td>
      <Table.Td visibleFrom="md" className={classes.words}>
        {examination(resource)}
        {resource.accession_number ? (
          <Text size="xs" c="dimmed">
            {resource.accession_number}
          </Text>
        ) : null}
      </Table.Td>
    </>
  );
}

function Policy({ delivery }: { delivery: Delivery }) {
  return (
    <Table.Td className={classes.words}>
      <DeliveryLink delivery={delivery}>{delivery.policy?.name ?? words.byHand}</DeliveryLink>
      <OnPhone delivery={delivery} />
    </Table.Td>
  );
}

function DeliveryLink({ delivery, children }: { delivery: Delivery; children: ReactNode }) {
  return (
    <Anchor component={Link} to={`/deliveries/${delivery.id}`}>
      {children}
    </Anchor>
  );
}

/** What has no column of its own on a small screen. */
function OnPhone({ delivery }: { delivery: Delivery }) {
  return (
    <>
      <Text size="xs" c="dimmed" hiddenFrom="sm">
        → {delivery.destination?.name ?? words.noDestination}
      </Text>
      <Text size="xs" c="dimmed" hiddenFrom="xs">
        <Time at={delivery.created_at} />
      </Text>
    </>
  );
}
