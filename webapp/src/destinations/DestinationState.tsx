// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useHealth } from "../api/health";
import type { Lane } from "../api/healthDocuments";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { LaneState } from "../overview/LaneState";
import { texts } from "../texts";

const words = texts.destinations.state;
const queue = ["waiting", "running", "retrying", "held"] as const;

/** How it goes with what is sent to a destination; nothing before it is known. */
export function DestinationState({ id }: { id: string }) {
  const lane = useHealth().data?.lanes?.find((one) => one.destination.id === id);
  if (!lane) return null;
  const found = (states: readonly string[]): string =>
    `/deliveries?${states.map((state) => `state=${state}&`).join("")}destination=${id}`;
  return (
    <Section title={words.title}>
      <Stack gap="sm">
        <Group gap="xl">
          <Told label={words.now}>
            <LaneState lane={lane} />
          </Told>
          <Told label={words.lastDelivered}>
            <Time at={lane.last_success_at} />
          </Told>
          {lane.away_since ? (
            <Told label={words.awaySince}>
              <Time at={lane.away_since} />
            </Told>
          ) : null}
          <Told label={words.waiting}>
            <Count count={queued(lane)} to={found(queue)} />
          </Told>
          <Told label={words.failed}>
            <Count count={lane.failed} to={found(["failed"])} />
          </Told>
        </Group>
        {lane.last_error ? (
          <Told label={words.lastError}>
            <Text style={{ overflowWrap: "anywhere" }}>{lane.last_error}</Text>
          </Told>
        ) : null}
      </Stack>
    </Section>
  );
}

function queued(lane: Lane): number {
  return queue.reduce((sum, state) => sum + lane[state], 0);
}

function Count({ count, to }: { count: number; to: string }) {
  if (count === 0) return <>{count}</>;
  return (
    <Anchor component={Link} to={to}>
      {count.toLocaleString()}
    </Anchor>
  );
}

function Told({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </div>
  );
}
