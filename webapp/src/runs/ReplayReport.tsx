// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, List, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { states } from "../api/deliveryDocuments";
import type { ReplayReport as Report, Run } from "../api/runs";
import { StateBadge } from "../deliveries/StateBadge";
import { size } from "../layout/sizes";
import { texts } from "../texts";
import { Amounts } from "./Amounts";
import { NotSentBack } from "./NotSentBack";

const words = texts.runs.replay;

/** What a replay has made: deliveries, and what became of them. */
export function ReplayReport({ run, report }: { run: Run; report: Report | null }) {
  const failed = report?.failed_to_plan ?? [];
  return (
    <Stack gap="md">
      {report ? (
        <Amounts
          amounts={[
            { label: words.figures.planned, value: report.planned.toLocaleString() },
            { label: words.figures.skipped, value: report.skipped_already_delivered.toLocaleString() },
            { label: words.figures.instances, value: report.instances.toLocaleString() },
            { label: words.figures.bytes, value: size(report.bytes) },
            {
              label: words.figures.failed,
              value: failed.length.toLocaleString(),
              color: failed.length > 0 ? "var(--mantine-color-error)" : undefined,
            },
          ]}
        />
      ) : null}
      <NotSentBack images={report?.not_sent_back} />
      <Deliveries run={run} />
      {failed.length > 0 ? (
        <div>
          <Title order={3} size="h5">
            {words.failedToPlan}
          </Title>
          <List size="sm">
            {failed.map((one, index) => (
              <List.Item key={index}>{typeof one === "string" ? one : JSON.stringify(one)}</List.Item>
            ))}
          </List>
        </div>
      ) : null}
    </Stack>
  );
}

function Deliveries({ run }: { run: Run }) {
  const { deliveries } = run;
  const made = states.filter((state) => (deliveries?.[state] ?? 0) > 0);
  if (made.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        {words.deliveries}
      </Title>
      <Group gap="md" aria-live="polite">
        {made.map((state) => (
          <Group key={state} gap={6} wrap="nowrap">
            <StateBadge state={state} />
            <Text size="sm">{(deliveries?.[state] ?? 0).toLocaleString()}</Text>
          </Group>
        ))}
        <Anchor component={Link} to={`/deliveries?run=${run.id}`} fz="sm">
          {words.allDeliveries}
        </Anchor>
      </Group>
    </div>
  );
}
