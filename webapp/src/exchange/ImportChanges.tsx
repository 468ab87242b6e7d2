// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Group, Paper, Stack, Text } from "@mantine/core";
import type { ImportChange } from "../api/exchange";
import { DifferenceTable } from "../history/DifferenceTable";
import { texts } from "../texts";

const words = texts.exchange;
const fieldNames = {
  policy: texts.policies.editor.fieldNames,
  destination: texts.destinations.editor.fieldNames,
};

/** What an import makes and changes; what stays as it is, as a number. */
export function ImportChanges({ changes }: { changes: ImportChange[] }) {
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const others = changes.length - changed.length;
  return (
    <Stack gap="xs">
      {changed.length === 0 ? <Text c="dimmed">{words.nothing}</Text> : null}
      {changed.map((one) => (
        <Change key={`${one.kind} ${one.name}`} {...one} />
      ))}
      {changed.length > 0 && others > 0 ? (
        <Text size="sm" c="dimmed">
          {words.unchanged(others)}
        </Text>
      ) : null}
    </Stack>
  );
}

function Change({ kind, name, change, differences }: ImportChange) {
  return (
    <Paper withBorder p="sm" role="group" aria-label={name}>
      <Group gap="xs">
        <Badge color={change === "create" ? "green" : "orange"} variant="light" tt="none">
          {words.change[change]}
        </Badge>
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {words.kinds[kind]}
        </Text>
      </Group>
      {change === "update" ? (
        <DifferenceTable
          differences={differences}
          before={words.before}
          after={words.after}
          fieldNames={fieldNames[kind]}
        />
      ) : null}
    </Paper>
  );
}
