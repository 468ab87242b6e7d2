// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Health } from "../api/healthDocuments";
import { lengthOfTime } from "../layout/times";
import { Section } from "../layout/Section";
import { NodeStateBadge } from "../nodes/NodeStateBadge";
import { texts } from "../texts";

/** How each node is, where several share the store. */
export function Nodes({ nodes }: { nodes: NonNullable<Health["nodes"]> }) {
  if (nodes.length < 2) return null;
  return (
    <Section
      title={texts.nodes.title}
      aside={
        <Anchor component={Link} to="/nodes" fz="sm">
          {texts.overview.nodes.showAll}
        </Anchor>
      }
    >
      <Group gap="xl">
        {nodes.map(({ id, name, state, lag_seconds: lag }) => (
          <Group key={id} gap="xs">
            <Text size="sm">{name || id.slice(0, 8)}</Text>
            <NodeStateBadge state={state} />
            {lag ? (
              <Text size="sm" c="dimmed">
                {texts.overview.figures.lagSeconds(lengthOfTime(lag))}
              </Text>
            ) : null}
          </Group>
        ))}
      </Group>
    </Section>
  );
}
