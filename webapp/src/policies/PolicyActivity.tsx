// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Activity } from "../api/activity";
import { Time } from "../layout/Time";
import { texts } from "../texts";

const words = texts.policies.activity;

/** How often a policy fired lately, and when last; what failed leads to those deliveries. */
export function PolicyActivity({ activity }: { activity: Activity }) {
  const { policy, last_fired_at: last, day, week, failed_week: failed } = activity;
  if (!last) {
    return (
      <Text size="sm" c="dimmed">
        {words.never}
      </Text>
    );
  }
  return (
    <>
      <Text size="sm" style={{ whiteSpace: "nowrap" }}>
        <Time at={last} />
      </Text>
      <Text size="xs" c="dimmed">
        {words.counts(day, week)}
      </Text>
      {failed > 0 ? (
        <Anchor
          component={Link}
          to={`/deliveries?policy=${policy}&state=failed&span=week`}
          fz="xs"
          c="var(--mantine-color-error)"
        >
          {words.failed(failed)}
        </Anchor>
      ) : null}
    </>
  );
}
