// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge } from "@mantine/core";
import type { NodeState } from "../api/healthDocuments";
import { texts } from "../texts";

const colors: Record<NodeState, string> = {
  active: "green",
  draining: "orange",
  drained: "gray",
  gone: "red",
};

/** How a node is, in a word. */
export function NodeStateBadge({ state }: { state: NodeState }) {
  return (
    <Badge color={colors[state]} variant="light" tt="none">
      {texts.nodes.states[state]}
    </Badge>
  );
}
