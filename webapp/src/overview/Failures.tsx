import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDeliveries, useOrderDeliveries } from "../api/deliveries";
import { useMay } from "../api/health";
import { subject } from "../deliveries/subject";
import { refused, told } from "../layout/notices";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { texts } from "../texts";

const words = texts.overview.failures;

/** What has failed for good, and waits for a person. */
export function Failures({ count }: { count: number }) {
  const found = useDeliveries({ state: ["failed"] }, { limit: 5, offset: 0 }, 5000);
  const mayOperate = useMay("operate");
  const order = useOrderDeliveries();
  const retryAll = (): void => {
    order.mutateAsync({ order: "retry", wanted: { state: ["failed"] } }).then(
      (answer) => told(texts.deliveries.retried(answer?.count ?? count)),
      (error: unknown) => refused(error),
    );
  };
  return (
    <Section
      title={words.title}
      aside={
        <Group gap="xs">
          {mayOperate ? (
            <Button size="xs" variant="default" onClick={retryAll} loading={order.isPending}>
              {words.retryAll}
            </Button>
          ) : null}
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
