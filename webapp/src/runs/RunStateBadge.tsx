// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge } from "@mantine/core";
import type { RunState } from "../api/runs";
import { texts } from "../texts";

const colors: Record<RunState, string> = {
  waiting: "gray",
  running: "blue",
  paused: "violet",
  finished: "green",
  cancelled: "gray",
  failed: "red",
};

/** Where a run stands. */
export function RunStateBadge({ state }: { state: RunState }) {
  return (
    <Badge color={colors[state]} variant="light" tt="none">
      {texts.runs.states[state]}
    </Badge>
  );
}
