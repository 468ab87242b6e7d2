// SPDX-License-Identifier: GPL-3.0-or-later
import { Text, Timeline } from "@mantine/core";
import { IconCheck, IconClock, IconFlag, IconLoader, IconX } from "@tabler/icons-react";
import type { Delivery } from "../api/deliveryDocuments";
import { Time } from "../layout/Time";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";

const words = texts.deliveries.detail;

/** A delivery's life: made, tried, tried again, arrived or not. */
export function Attempts({ delivery }: { delivery: Delivery }) {
  const { attempts, state } = delivery;
  const earlier = Math.max(0, delivery.attempt_count - attempts.length);
  const firstNumber = earlier + 1;
  return (
    <Timeline active={attempts.length} bulletSize={24} lineWidth={2}>
      <Timeline.Item bullet={<IconFlag size={14} aria-hidden />} title={words.made}>
        <Text size="sm" c="dimmed">
          <Time at={delivery.created_at} />
        </Text>
        {earlier > 0 ? <Text size="sm">{words.earlier(earlier)}</Text> : null}
      </Timeline.Item>
      {attempts.map((attempt, index) => (
        <Timeline.Item
          key={`${attempt.at} ${index}`}
          color={attempt.error ? "red.8" : "green.9"}
          bullet={attempt.error ? <IconX size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />}
          title={attempt.error ? words.attempt(firstNumber + index) : words.succeeded}
        >
          <Text size="sm" c="dimmed">
            <Time at={attempt.at} /> · {words.took(lengthOfTime(attempt.seconds))}
          </Text>
          {attempt.error ? (
            <Text size="sm" c="var(--mantine-color-error)" style={{ overflowWrap: "anywhere" }}>
              {attempt.error}
            </Text>
          ) : null}
        </Timeline.Item>
      ))}
      {state === "running" ? (
        <Timeline.Item
          bullet={<IconLoader size={14} aria-hidden />}
          title={words.running}
          lineVariant="dashed"
        />
      ) : null}
      {state === "waiting" ? (
        <Timeline.Item bullet={<IconClock size={14} aria-hidden />} title={delivery.note ?? words.waiting} />
      ) : null}
      {state === "held" ? (
        <Timeline.Item
          bullet={<IconClock size={14} aria-hidden />}
          title={delivery.note ?? texts.deliveries.states.held}
        >
          {delivery.next_attempt_at ? (
            <Text size="sm" c="dimmed">
              {words.heldUntil} <Time at={delivery.next_attempt_at} />
            </Text>
          ) : null}
        </Timeline.Item>
      ) : null}
      {state === "retrying" ? (
        <Timeline.Item bullet={<IconClock size={14} aria-hidden />} title={words.next}>
          <Text size="sm" c="dimmed">
            <Time at={delivery.next_attempt_at} /> · {words.nextHint}
          </Text>
        </Timeline.Item>
      ) : null}
    </Timeline>
  );
}
