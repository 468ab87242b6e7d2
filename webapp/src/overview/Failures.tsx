// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDeliveries, type DeliveryFilter } from "../api/deliveries";
import { OrderAll } from "../deliveries/OrderAll";
import { subject } from "../deliveries/subject";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { texts } from "../texts";

const words = texts.overview.failures;

const allFailed: DeliveryFilter = { state: ["failed"] };

/** What has failed for good, and waits for a person. */
export function Failures({ count }: { count: number }) {
  const found = useDeliveries(allFailed, { limit: 5, offset: 0 }, 5000);
  return (
    <Section
      title={words.title}
      aside={
        <Group gap="xs">
          <OrderAll filter={allFailed} total={count} size="xs" />
          <Anchor component={Link} to="/deliveries?state=failed" fz="sm">
            {words.showAll(count)}
          </Anchor>
        </Group>
      }
    >
      <Stack gap="xs">
        {found.data?.items.map((delivery) => (
          <div key={delivery.id}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Anchor component={Link} to={`/deliveries/${delivery.id}`} style={{ overflowWrap: "anywhere" }}>
                {subject(delivery)}
              </Anchor>
              <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                <Time at={delivery.finished_at ?? delivery.created_at} />
              </Text>
            </Group>
            <Text size="sm" c="var(--mantine-color-error)" lineClamp={2}>
              {delivery.attempts.at(-1)?.error}
            </Text>
          </div>
        ))}
      </Stack>
    </Section>
  );
}
