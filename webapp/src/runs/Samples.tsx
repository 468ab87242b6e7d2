// SPDX-License-Identifier: GPL-3.0-or-later
import { Paper, Stack, Table, Text, Title } from "@mantine/core";
import type { Sample } from "../api/runs";
import { useActionWords } from "../layout/actionWords";
import { Absent } from "../layout/Absent";
import { personName } from "../layout/times";
import { texts } from "../texts";

const words = texts.runs.preview;

/** Tags before and after, on images that a policy would send changed. */
export function Samples({ samples }: { samples: Sample[] }) {
  const wordsOf = useActionWords();
  return (
    <Stack gap="xs">
      <div>
        <Title order={3} size="h5">
          {words.samples}
        </Title>
        <Text size="sm" c="dimmed">
          {words.samplesHint}
        </Text>
      </div>
      {samples.map((sample) => (
        <Paper key={`${sample.resource.id} ${sample.action.id}`} withBorder p="xs">
          <Text size="sm" fw={600}>
            {[
              wordsOf(sample.action.type).label,
              personName(sample.resource.patient_name) || sample.resource.patient_id,
              sample.resource.study_description,
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          {sample.tags.length === 0 ? (
            <Text size="sm" c="dimmed">
              {words.unchanged}
            </Text>
          ) : (
            <Table.ScrollContainer minWidth={0}>
              <Table verticalSpacing={2} fz="sm" layout="fixed">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{words.sampleColumns.tag}</Table.Th>
                    <Table.Th>{words.sampleColumns.before}</Table.Th>
                    <Table.Th>{words.sampleColumns.after}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {sample.tags.map((tag) => (
                    <Change key={tag.tag} tag={tag} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Paper>
      ))}
    </Stack>
  );
}

function Change({ tag: { tag, name, before, after } }: { tag: Sample["tags"][number] }) {
  return (
    <Table.Tr style={{ overflowWrap: "anywhere" }}>
      <Table.Td title={tag}>{name || tag}</Table.Td>
      <Table.Td>{before ?? <Absent text={words.absent} />}</Table.Td>
      <Table.Td>{after ?? <Absent text={words.removed} />}</Table.Td>
    </Table.Tr>
  );
}
