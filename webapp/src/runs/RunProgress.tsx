// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { isOver, type Run } from "../api/runs";
import { texts } from "../texts";

const words = texts.runs.progress;

/** How far a run is, for as long as it is not over; or why it is over without a result. */
export function RunProgress({ run }: { run: Run }) {
  const { studies_done: done, studies_total: total, instances } = run.progress;
  if (run.state === "failed") {
    return (
      <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={texts.runs.failed}>
        {run.error}
      </Alert>
    );
  }
  if (run.state === "cancelled") return <Text c="dimmed">{words.cancelled}</Text>;
  if (isOver(run)) return null;
  return (
    <Stack gap={4}>
      <Progress
        value={total ? (100 * done) / total : 0}
        animated={run.state === "running"}
        color={run.state === "paused" ? "violet" : undefined}
        aria-label={words.label}
      />
      <Text size="sm" c="dimmed" role="status">
        {[
          total === null ? words.counting : words.of(done, total),
          instances > 0 ? words.images(instances) : "",
          run.state === "paused" ? words.paused : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
    </Stack>
  );
}
