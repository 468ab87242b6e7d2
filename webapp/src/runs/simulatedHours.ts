// SPDX-License-Identifier: GPL-3.0-or-later
import type { SimulatedHour } from "../api/runs";

/** What of an hour is looked at. */
export type Measure = "queue" | "deliveries";

/** An hour, or a day, with a number for each destination, by its id. */
export interface ChartHour {
  at: string;
  [destination: string]: number | string;
}

/** What a simulation was over. */
export interface Period {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
}

const hour = 3_600_000;
/** Bars of single hours become too thin beyond two weeks. */
const mostHours = 14 * 24;

/** How many hours a bar stands for. */
export function hoursPerBar({ from, to }: Period): number {
  return (to - from) / hour > mostHours ? 24 : 1;
}

/** All of the period, one bar after the other: also those in which nothing happened. Of several hours in a bar
 * deliveries are summed up; the queue is the longest of them. */
export function barsOf(hours: SimulatedHour[], measure: Measure, period: Period): ChartHour[] {
  const length = hoursPerBar(period) * hour;
  const times = hours.map(({ at }) => Date.parse(at));
  const begin = Math.floor(Math.min(period.from, ...times) / hour) * hour;
  const end = Math.max(period.to, ...times.map((at) => at + 1));
  const bars: ChartHour[] = [];
  for (let at = begin; at < end; at += length) bars.push({ at: new Date(at).toISOString() });
  const destinations = new Set(hours.map(({ destination }) => destination.id));
  for (const bar of bars) for (const id of destinations) bar[id] = 0;
  for (const one of hours) {
    const bar = bars[Math.floor((Date.parse(one.at) - begin) / length)];
    const before = Number(bar?.[one.destination.id]);
    if (bar) {
      bar[one.destination.id] = measure === "queue" ? Math.max(before, one.queue) : before + one.deliveries;
    }
  }
  return bars;
}

/** The highest number of all hours. */
export function highest(hours: SimulatedHour[], measure: Measure): number {
  return Math.max(0, ...hours.map((one) => one[measure]));
}
