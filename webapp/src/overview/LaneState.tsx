// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Group, Text, Tooltip } from "@mantine/core";
import type { Lane } from "../api/healthDocuments";
import { texts } from "../texts";

const words = texts.overview.lanes;

/** How a destination's queue is, in a word and a number. */
export function LaneState({ lane }: { lane: Lane }) {
  const queued = lane.waiting + lane.running + lane.retrying + lane.held;
  const [color, label] = state(lane);
  const badge = (
    <Badge color={color} variant="light" tt="none">
      {label}
    </Badge>
  );
  return (
    <Group gap={6} wrap="nowrap">
      {lane.last_error && color !== "green" ? (
        <Tooltip label={lane.last_error} multiline maw={360} withArrow>
          {badge}
        </Tooltip>
      ) : (
        badge
      )}
      {queued > 0 ? (
        <Text size="sm" style={{ whiteSpace: "nowrap" }}>
          {texts.destinations.queued(queued)}
        </Text>
      ) : null}
    </Group>
  );
}

function state(lane: Lane): [color: string, label: string] {
  if (!lane.enabled) return ["gray", words.paused];
  if (lane.breaker === "open") return ["red", words.open];
  if (lane.breaker === "probing") return ["orange", words.probing];
  if (lane.retrying > 0) return ["orange", words.retrying];
  return lane.last_success_at ? ["green", words.healthy] : ["gray", words.idle];
}
