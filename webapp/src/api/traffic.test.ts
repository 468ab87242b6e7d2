// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { pointsOf, type Traffic } from "./traffic";

const noon = Date.parse("2026-01-31T12:00:00Z");

function traffic(since: string, received: number[], sent = received.map(() => 0)): Traffic {
  return { node: { id: "n", name: "N" }, since, seconds: 15, received, sent };
}

describe("images per minute", () => {
  it("are those of each minute of the clock, and of the last sixty seconds", () => {
    const counted = traffic("2026-01-31T12:00:00Z", [1, 2, 3, 4, 5, 6], [10, 0, 0, 0, 0, 7]);
    expect(pointsOf(counted)).toEqual([
      { at: noon + 60_000, received: 10, sent: 10 },
      { at: noon + 90_000, received: 18, sent: 7 },
    ]);
  });

  it("do not fall at the end of a minute", () => {
    expect(pointsOf(traffic("2026-01-31T12:00:00Z", [1, 1, 1, 1])).at(-1)).toEqual({
      at: noon + 60_000,
      received: 4,
      sent: 0,
    });
  });

  it("begin with what there is of the first minute", () => {
    expect(pointsOf(traffic("2026-01-31T12:00:30Z", [2, 3, 5])).map(({ received }) => received)).toEqual([
      5, 10,
    ]);
  });

  it("are shown as soon as anything was counted", () => {
    expect(pointsOf(traffic("2026-01-31T12:00:00Z", [0]))).toEqual([
      { at: noon + 15_000, received: 0, sent: 0 },
    ]);
  });
});
