// SPDX-License-Identifier: GPL-3.0-or-later
import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { pointsOf, useTraffic } from "../api/traffic";
import { Problem } from "../layout/Problem";
import { Section } from "../layout/Section";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";

const words = texts.overview.traffic;
const height = 180;
const TrafficChart = lazy(async () => ({ default: (await import("./TrafficChart")).TrafficChart }));

/** Images in and out per minute during the last hour, at the node that answers. */
export function Traffic({ severalNodes }: { severalNodes: boolean }) {
  const counted = useTraffic();
  if (!counted.data) {
    return (
      <Section title={words.title}>
        {counted.isError ? <Problem error={counted.error} /> : <Skeleton height={height} />}
      </Section>
    );
  }
  const { node, seconds, received } = counted.data;
  const points = pointsOf(counted.data);
  const last = points.at(-1) ?? { received: 0, sent: 0 };
  const now = [last.received.toLocaleString(), last.sent.toLocaleString()] as const;
  const since = lengthOfTime(Math.max(60, received.length * seconds));
  return (
    <Section
      title={severalNodes ? words.titleOf(node.name) : words.title}
      aside={<Text size="sm">{words.now(...now)}</Text>}
    >
      <div role="img" aria-label={words.chart(since, ...now)}>
        <Suspense fallback={<Skeleton height={height} />}>
          <TrafficChart points={points} height={height} />
        </Suspense>
      </div>
      {severalNodes ? (
        <Text size="sm" c="dimmed">
          {words.others}
        </Text>
      ) : null}
    </Section>
  );
}
