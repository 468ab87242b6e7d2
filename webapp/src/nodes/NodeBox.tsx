// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { RouterNode } from "../api/nodes";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";
import { NodeOrders } from "./NodeOrders";
import { NodeStateBadge } from "./NodeStateBadge";

const words = texts.nodes;

/** One node: how it is, and what can be done with it. */
export function NodeBox({ node }: { node: RouterNode }) {
  const lag = node.lag_changes ?? 0;
  const facts: [string, ReactNode][] = [
    [words.facts.seen, <Time at={node.seen_at} />],
    [
      words.facts.lag,
      lag > 0 ? words.behind(lag, lengthOfTime(node.lag_seconds ?? 0)) : texts.overview.figures.lagNone,
    ],
    [words.facts.running, node.running.toLocaleString()],
    [words.facts.waiting, node.waiting ? node.waiting.toLocaleString() : null],
    [words.facts.reads, node.reads_changes ? texts.common.yes : texts.common.no],
    [words.facts.started, <Time at={node.started_at} />],
    [words.facts.aet, node.aet],
    [words.facts.url, node.url],
    [words.facts.version, words.versions(node.version, node.orthanc_version)],
    [words.facts.index, node.index.slice(0, 8)],
  ];
  return (
    <Section title={node.name || node.id} aside={<NodeOrders node={node} />}>
      <Group gap="xs">
        <NodeStateBadge state={node.state} />
        {node.this ? (
          <Badge variant="outline" tt="none">
            {words.this}
          </Badge>
        ) : null}
        <Text size="sm" c="dimmed">
          {words.stateHints[node.state]}
        </Text>
      </Group>
      <Group gap="xs" component="dl" m={0} align="flex-start" style={{ columnGap: 32 }}>
        {facts.map(([label, value]) =>
          value ? (
            <div key={label}>
              <Text component="dt" size="xs" c="dimmed">
                {label}
              </Text>
              <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>
                {value}
              </Text>
            </div>
          ) : null,
        )}
      </Group>
    </Section>
  );
}
