// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack, Table, Text, Title } from "@mantine/core";
import type { PreviewReport as Report, Run } from "../api/runs";
import { useActionWords } from "../layout/actionWords";
import { size } from "../layout/sizes";
import { texts } from "../texts";
import { Amounts } from "./Amounts";
import { destinationName } from "./names";
import { NotSentBack } from "./NotSentBack";
import { RunStudies } from "./RunStudies";
import { Samples } from "./Samples";

const words = texts.runs.preview;

/** What a policy would do with what is stored. */
export function PreviewReport({ run, report }: { run: Run; report: Report }) {
  const { matched, unmatched, gained, lost } = report.studies;
  return (
    <Stack gap="md">
      <Amounts
        amounts={[
          { label: words.figures.matched, value: matched.toLocaleString() },
          { label: words.figures.unmatched, value: unmatched.toLocaleString() },
          ...(report.compared_revision === null
            ? []
            : [
                { label: words.figures.gained, value: gained.toLocaleString() },
                {
                  label: words.figures.lost,
                  value: lost.toLocaleString(),
                  color: lost > 0 ? "var(--mantine-color-error)" : undefined,
                },
              ]),
          { label: words.figures.instances, value: report.instances.toLocaleString() },
          { label: words.figures.bytes, value: size(report.bytes) },
        ]}
      />
      <Text size="sm" c="dimmed">
        {matched === 0
          ? words.none
          : report.compared_revision === null
            ? words.comparedWithNone
            : words.compared(report.compared_revision)}
      </Text>
      {report.destinations.length > 0 ? <Destinations report={report} /> : null}
      <RunStudies run={run.id} counts={report.studies} />
      {report.samples.length > 0 ? <Samples samples={report.samples} /> : null}
    </Stack>
  );
}

function Destinations({ report }: { report: Report }) {
  const wordsOf = useActionWords();
  return (
    <div>
      <Title order={3} size="h5">
        {words.destinations}
      </Title>
      <Table.ScrollContainer minWidth={0}>
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.columns.destination}</Table.Th>
              <Table.Th visibleFrom="xs">{words.columns.action}</Table.Th>
              <Table.Th ta="right">{words.columns.studies}</Table.Th>
              <Table.Th ta="right">{words.columns.images}</Table.Th>
              <Table.Th ta="right" visibleFrom="xs">
                {words.columns.data}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.destinations.map(({ destination, action, studies, instances, bytes, ...more }) => (
              <Table.Tr key={action.id}>
                <Table.Td>
                  {destinationName(destination)}
                  <NotSentBack images={more.not_sent_back} />
                </Table.Td>
                <Table.Td visibleFrom="xs">{wordsOf(action.type).label}</Table.Td>
                <Table.Td ta="right">{studies.toLocaleString()}</Table.Td>
                <Table.Td ta="right">{instances.toLocaleString()}</Table.Td>
                <Table.Td ta="right" visibleFrom="xs">
                  {size(bytes)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
