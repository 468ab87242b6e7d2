// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { SimulatedHour } from "../api/runs";
import { barsOf, highest, hoursPerBar } from "./simulatedHours";

function hour(at: string, id: string, deliveries: number, queue: number): SimulatedHour {
  return { at, destination: { id, name: id, kind: "dicom" }, deliveries, instances: 0, bytes: 0, queue };
}

const hours = [
  hour("2026-05-20T12:00:00Z", "a", 1, 9),
  hour("2026-05-20T10:00:00Z", "a", 5, 2),
  hour("2026-05-20T10:00:00Z", "b", 7, 0),
];
const period = { from: Date.parse("2026-05-20T09:20:00Z"), to: Date.parse("2026-05-20T12:20:00Z") };

describe("simulated hours", () => {
  it("come one after the other with all destinations, also where nothing happened", () => {
    expect(barsOf(hours, "queue", period)).toEqual([
      { at: "2026-05-20T09:00:00.000Z", a: 0, b: 0 },
      { at: "2026-05-20T10:00:00.000Z", a: 2, b: 0 },
      { at: "2026-05-20T11:00:00.000Z", a: 0, b: 0 },
      { at: "2026-05-20T12:00:00.000Z", a: 9, b: 0 },
    ]);
  });

  it("go on for as long as anything waits", () => {
    const late = [...hours, hour("2026-05-20T14:00:00Z", "a", 0, 1)];
    expect(barsOf(late, "queue", period).at(-1)).toEqual({ at: "2026-05-20T14:00:00.000Z", a: 1, b: 0 });
  });

  it("are taken together by days where there are many", () => {
    const weeks = { from: period.to - 20 * 24 * 3_600_000, to: period.to };
    expect([hoursPerBar(period), hoursPerBar(weeks)]).toEqual([1, 24]);
    expect(barsOf(hours, "deliveries", weeks)).toHaveLength(21);
    expect(barsOf(hours, "deliveries", weeks).slice(-2)).toEqual([
      { at: "2026-05-19T12:00:00.000Z", a: 5, b: 7 },
      { at: "2026-05-20T12:00:00.000Z", a: 1, b: 0 },
    ]);
    expect(barsOf(hours, "queue", { ...weeks, from: weeks.from - 12 * 3_600_000 }).at(-1)?.a).toBe(9);
  });

  it("have a highest number", () => {
    expect(highest(hours, "queue")).toBe(9);
    expect(highest(hours, "deliveries")).toBe(7);
    expect(highest([], "queue")).toBe(0);
  });
});
