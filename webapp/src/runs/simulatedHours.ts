import type { SimulatedHour } from "../api/runs";

/** What of an hour is looked at. */
export type Measure = "queue" | "deliveries";

/** An hour with a number for each destination, by its id. */
export interface ChartHour {
  at: string;
  [destination: string]: number | string;
}

/** The hours in their order, one each, whatever destinations they tell of. */
export function hoursOf(hours: SimulatedHour[], measure: Measure): ChartHour[] {
  const byTime = new Map<string, ChartHour>();
  for (const hour of hours) {
    const one = byTime.get(hour.at) ?? { at: hour.at };
    byTime.set(hour.at, { ...one, [hour.destination.id]: hour[measure] });
  }
  return [...byTime.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The highest number of all hours. */
export function highest(hours: SimulatedHour[], measure: Measure): number {
  return Math.max(0, ...hours.map((hour) => hour[measure]));
}
