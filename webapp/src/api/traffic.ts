import type { Health } from "./documents";

/** How many images had come in, and had arrived at each destination, since the router's start. */
export interface Counters {
  /** When they were read, in milliseconds since 1970. */
  at: number;
  received: number;
  sent: Record<string, number>;
}

/** Images per minute, as measured over the time since the point before. */
export interface TrafficPoint {
  at: number;
  received: number;
  sent: number;
}

/** How long counters are kept, and how much time a point stands for, in milliseconds. */
const kept = 30 * 60_000;
const span = 15_000;

/** The history with what the router says now. */
export function withCounters(history: Counters[], health: Health, at: number): Counters[] {
  const received = health.intake?.instances;
  if (typeof received !== "number") return history;
  const sent = Object.fromEntries(
    (health.lanes ?? []).map(({ destination, instances = 0 }) => [destination.id, instances]),
  );
  return [...history.filter((one) => at - one.at <= kept), { at, received, sent }];
}

/** The history as images per minute. */
export function traffic(history: Counters[]): TrafficPoint[] {
  const points: TrafficPoint[] = [];
  let received = 0;
  let sent = 0;
  let since = history[0]?.at ?? 0;
  for (const [index, now] of history.entries()) {
    const before = history[index - 1];
    if (!before) continue;
    received += growth(before.received, now.received);
    for (const [id, count] of Object.entries(now.sent)) sent += growth(before.sent[id], count);
    const minutes = (now.at - since) / 60_000;
    if (now.at - since < span) continue;
    points.push({ at: now.at, received: received / minutes, sent: sent / minutes });
    received = 0;
    sent = 0;
    since = now.at;
  }
  return points;
}

/** Counters begin anew when the router does, or when a destination is changed; one seen first says nothing. */
function growth(before: number | undefined, now: number): number {
  if (before === undefined) return 0;
  return now >= before ? now - before : now;
}
