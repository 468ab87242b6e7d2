// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDeliveries } from "../api/deliveries";
import { StateBadge } from "../deliveries/StateBadge";
import { subject } from "../deliveries/subject";
import { Problem } from "../layout/Problem";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";

const words = texts.overview.last;

/** What was sent last. */
export function LastDeliveries() {
  const found = useDeliveries({}, { limit: 8, offset: 0 });
  return (
    <Section
      title={words.title}
      aside={
        <Anchor component={Link} to="/deliveries" fz="sm">
          {words.showAll}
        </Anchor>
      }
    >
      {found.isPending ? <Waiting rows={4} height={28} /> : null}
      {found.isError && !found.data ? <Problem error={found.error} /> : null}
      {found.data?.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      ) : null}
      <Stack gap="xs">
        {found.data?.items.map((delivery) => (
          <Group key={delivery.id} gap="xs" wrap="nowrap" justify="space-between">
            <Group gap="xs" wrap="nowrap" miw={0}>
              <StateBadge state={delivery.state} />
              <Anchor component={Link} to={`/deliveries/${delivery.id}`} fz="sm" truncate>
                {subject(delivery)}
              </Anchor>
            </Group>
            <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
              <Time at={delivery.finished_at ?? delivery.created_at} />
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
