import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useCounters } from "../api/health";
import { traffic } from "../api/traffic";
import { Section } from "../layout/Section";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";

const words = texts.overview.traffic;
const height = 180;
const TrafficChart = lazy(async () => ({ default: (await import("./TrafficChart")).TrafficChart }));

/** Images in and out per minute, since the page was opened. */
export function Traffic() {
  const points = traffic(useCounters());
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) {
    return (
      <Section title={words.title}>
        <Text size="sm" c="dimmed">
          {words.begins}
        </Text>
      </Section>
    );
  }
  const [received, sent] = [rate(last.received), rate(last.sent)];
  const since = lengthOfTime(Math.max(60, Math.round((last.at - first.at) / 1000)));
  return (
    <Section title={words.title} aside={<Text size="sm">{words.now(received, sent)}</Text>}>
      <div role="img" aria-label={words.chart(since, received, sent)}>
        <Suspense fallback={<Skeleton height={height} />}>
          <TrafficChart points={points} height={height} />
        </Suspense>
      </div>
    </Section>
  );
}

function rate(perMinute: number): string {
  return perMinute.toLocaleString(undefined, { maximumFractionDigits: perMinute < 10 ? 1 : 0 });
}
