// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, List, SegmentedControl, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconClockX } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { SimulationReport as Report } from "../api/runs";
import { useActionWords } from "../layout/actionWords";
import { size } from "../layout/sizes";
import { texts } from "../texts";
import { destinationName } from "./names";
import { NotSentBack } from "./NotSentBack";
import { barsOf, highest, hoursPerBar, type Measure, type Period } from "./simulatedHours";

const words = texts.runs.simulation;
const height = 260;
const SimulationChart = lazy(async () => ({
  default: (await import("./SimulationChart")).SimulationChart,
}));

/** How queues would have grown, and which windows would have been missed. */
export function SimulationReport({ report, period }: { report: Report; period: Period }) {
  const [measure, setMeasure] = useState<Measure>("queue");
  const wordsOf = useActionWords();
  const { totals, missed_windows: missed } = report;
  if (totals.length === 0) return <Text c="dimmed">{words.none}</Text>;
  const names = totals.map(({ destination }) => destination.name).join(", ");
  const byDay = hoursPerBar(period) > 1;
  const bars = barsOf(report.hours, measure, period);
  const most = Math.max(
    ...bars.flatMap((bar) => totals.map(({ destination }) => Number(bar[destination.id] ?? 0))),
  ).toLocaleString();
  return (
    <Stack gap="md">
      {missed.length > 0 ? (
        <Alert color="orange" icon={<IconClockX aria-hidden />} title={words.missed}>
          <List size="sm">
            {missed.map(({ action, destination, message }) => (
              <List.Item key={action.id}>
                {wordsOf(action.type).label} · {destinationName(destination)}: {message}
              </List.Item>
            ))}
          </List>
        </Alert>
      ) : (
        <Text size="sm" c="dimmed">
          {words.noneMissed}
        </Text>
      )}
      <SegmentedControl
        size="xs"
        w="fit-content"
        aria-label={words.show}
        data={[
          { value: "queue", label: words.queue },
          { value: "deliveries", label: words.delivered(byDay) },
        ]}
        value={measure}
        onChange={setMeasure}
      />
      <div
        role="img"
        aria-label={words.chart(
          measure === "queue" ? words.queue : words.delivered(byDay),
          names,
          most,
          byDay,
        )}
      >
        <Suspense fallback={<Skeleton height={height} />}>
          <SimulationChart
            bars={bars}
            byDay={byDay}
            destinations={totals.map(({ destination }) => destination)}
            height={height}
          />
        </Suspense>
      </div>
      <Totals report={report} />
    </Stack>
  );
}

function Totals({ report }: { report: Report }) {
  return (
    <div>
      <Title order={3} size="h5">
        {words.totals}
      </Title>
      <Table.ScrollContainer minWidth={0}>
        <Table verticalSpacing={4} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.columns.destination}</Table.Th>
              <Table.Th ta="right">{words.columns.deliveries}</Table.Th>
              <Table.Th ta="right" visibleFrom="xs">
                {words.columns.images}
              </Table.Th>
              <Table.Th ta="right" visibleFrom="xs">
                {words.columns.data}
              </Table.Th>
              <Table.Th ta="right">{words.columns.most}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.totals.map(({ destination, deliveries, instances, bytes, ...more }) => (
              <Table.Tr key={destination.id}>
                <Table.Td>
                  {destination.name}
                  <NotSentBack images={more.not_sent_back} />
                </Table.Td>
                <Table.Td ta="right">{deliveries.toLocaleString()}</Table.Td>
                <Table.Td ta="right" visibleFrom="xs">
                  {instances.toLocaleString()}
                </Table.Td>
                <Table.Td ta="right" visibleFrom="xs">
                  {size(bytes)}
                </Table.Td>
                <Table.Td ta="right">
                  {highest(
                    report.hours.filter((hour) => hour.destination.id === destination.id),
                    "queue",
                  ).toLocaleString()}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
