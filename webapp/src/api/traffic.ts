// SPDX-License-Identifier: GPL-3.0-or-later
import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { TrafficAnswer } from "./schema";

export type Traffic = TrafficAnswer;

/** Images of the minute before `at`, in milliseconds since 1970. */
export interface TrafficPoint {
  at: number;
  received: number;
  sent: number;
}

const minute = 60_000;

export function useTraffic() {
  return useQuery({
    queryKey: ["traffic"],
    queryFn: ({ signal }) => request<Traffic>("traffic", { signal }),
    refetchInterval: 5000,
  });
}

/** Images per minute: of each minute of the clock, and at the end of the last sixty seconds, so that the curve
 * neither changes what it has shown nor falls while a minute is young. */
export function pointsOf({ since, seconds, received, sent }: Traffic): TrafficPoint[] {
  const begin = Date.parse(since);
  const span = seconds * 1000;
  const inMinute = minute / span;
  const end = begin + received.length * span;
  const ends = [];
  for (let at = Math.floor(begin / minute) * minute + minute; at < end; at += minute) ends.push(at);
  return [...ends, end].map((at) => {
    const last = Math.round((at - begin) / span);
    const first = Math.max(0, last - inMinute);
    return { at, received: sum(received.slice(first, last)), sent: sum(sent.slice(first, last)) };
  });
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
