import { describe, expect, it } from "vitest";
import type { SimulatedHour } from "../api/runs";
import { highest, hoursOf } from "./simulatedHours";

function hour(at: string, id: string, deliveries: number, queue: number): SimulatedHour {
  return { at, destination: { id, name: id, kind: "dicom" }, deliveries, instances: 0, bytes: 0, queue };
}

const hours = [
  hour("2026-05-20T11:00:00Z", "a", 1, 9),
  hour("2026-05-20T10:00:00Z", "a", 5, 2),
  hour("2026-05-20T10:00:00Z", "b", 7, 0),
];

describe("simulated hours", () => {
  it("come one after the other, with all destinations", () => {
    expect(hoursOf(hours, "queue")).toEqual([
      { at: "2026-05-20T10:00:00Z", a: 2, b: 0 },
      { at: "2026-05-20T11:00:00Z", a: 9 },
    ]);
  });
  it("have a highest number", () => {
    expect(highest(hours, "queue")).toBe(9);
    expect(highest(hours, "deliveries")).toBe(7);
    expect(highest([], "queue")).toBe(0);
  });
});
