// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Badge, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useId } from "react";
import type { AuditEntry } from "../api/audit";
import { Time } from "../layout/Time";
import { texts } from "../texts";
import { ActorName } from "./ActorName";
import classes from "./AuditTable.module.css";
import { eventWords } from "./eventWords";
import { EntryFacts } from "./EntryFacts";
import { Subject } from "./Subject";

const words = texts.audit;

/** Entries of the audit trail, one a row, which unfolds into all that is recorded. */
export function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <Table verticalSpacing={6} className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th className={classes.fold} aria-label={words.columns.more} />
          <Table.Th className={classes.at} visibleFrom="xs">
            {words.columns.at}
          </Table.Th>
          <Table.Th>{words.columns.event}</Table.Th>
          <Table.Th visibleFrom="sm">{words.columns.actor}</Table.Th>
          <Table.Th>{words.columns.subject}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Entry key={entry.number} entry={entry} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const [opened, { toggle }] = useDisclosure();
  const id = useId();
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <Fragment>
      <Table.Tr>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={toggle}
            aria-expanded={opened}
            aria-controls={opened ? id : undefined}
            aria-label={words.unfold(entry.number)}
          >
            <Chevron size={18} aria-hidden />
          </ActionIcon>
        </Table.Td>
        <Table.Td visibleFrom="xs">
          <Time at={entry.at} />
        </Table.Td>
        <Table.Td className={classes.words}>
          {eventWords(entry.event)}{" "}
          {entry.outcome === "failure" ? (
            <Badge color="red" variant="light" tt="none">
              {words.outcomes.failure}
            </Badge>
          ) : null}
          {entry.detail ? (
            <Text size="xs" c="dimmed" lineClamp={1} title={entry.detail}>
              {entry.detail}
            </Text>
          ) : null}
          <Text size="xs" c="dimmed" hiddenFrom="xs">
            <Time at={entry.at} />
          </Text>
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            <ActorName actor={entry.actor} />
          </Text>
        </Table.Td>
        <Table.Td visibleFrom="sm" className={classes.words}>
          <ActorName actor={entry.actor} />
        </Table.Td>
        <Table.Td className={classes.words}>
          <Subject entry={entry} />
        </Table.Td>
      </Table.Tr>
      {opened ? (
        <Table.Tr id={id}>
          <Table.Td colSpan={5}>
            <EntryFacts entry={entry} />
          </Table.Td>
        </Table.Tr>
      ) : null}
    </Fragment>
  );
}
