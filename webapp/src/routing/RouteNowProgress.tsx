// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { isOver, useRun } from "../api/runs";
import { StateBadge } from "../deliveries/StateBadge";
import { states } from "../api/deliveryDocuments";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { RunProgress } from "../runs/RunProgress";
import { texts } from "../texts";

const words = texts.routing;

/** What comes of what was routed by hand, and the way to its deliveries. */
export function RouteNowProgress({ id, onClose }: { id: string; onClose: () => void }) {
  const found = useRun(id);
  const client = useQueryClient();
  const run = found.data;
  const over = run !== undefined && isOver(run);
  // What the page behind shows of the resources is no longer all.
  useEffect(() => {
    if (!over) return;
    void client.invalidateQueries({ queryKey: ["explanations"] });
    void client.invalidateQueries({ queryKey: ["deliveries"] });
  }, [over, client]);
  if (!run) return found.isError ? <Problem error={found.error} /> : <Waiting rows={2} />;
  const report = run.kind === "route" ? run.report : null;
  return (
    <Stack>
      <RunProgress run={run} />
      {report ? (
        <div role="status">
          <Text>{words.planned(report.planned)}</Text>
          {report.skipped_already_delivered > 0 ? (
            <Text size="sm" c="dimmed">
              {words.skipped(report.skipped_already_delivered)}
            </Text>
          ) : null}
        </div>
      ) : null}
      <Group gap="xs">
        {states.map((state) => {
          const count = run.deliveries?.[state] ?? 0;
          return count > 0 ? (
            <Group key={state} gap={4} wrap="nowrap">
              <StateBadge state={state} />
              <Text size="sm">{count.toLocaleString()}</Text>
            </Group>
          ) : null;
        })}
      </Group>
      <Group justify="flex-end">
        <Button component={Link} to={`/runs/${id}`} variant="default">
          {words.run}
        </Button>
        <Button component={Link} to={`/deliveries?run=${id}`} variant="default">
          {words.deliveries}
        </Button>
        <Button onClick={onClose} data-autofocus>
          {texts.common.close}
        </Button>
      </Group>
    </Stack>
  );
}
