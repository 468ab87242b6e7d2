import { describe, expect, it } from "vitest";
import type { Health } from "./documents";
import { traffic, withCounters, type Counters } from "./traffic";

const second = 1000;

function counters(seconds: number, received: number, sent: Record<string, number>): Counters {
  return { at: seconds * second, received, sent };
}

describe("images per minute", () => {
  it("are counted over a quarter of a minute, whatever the polls", () => {
    const history = [
      counters(0, 100, { a: 50, b: 0 }),
      counters(5, 102, { a: 51, b: 0 }),
      counters(10, 102, { a: 52, b: 1 }),
      counters(15, 110, { a: 53, b: 2 }),
      counters(20, 111, { a: 53, b: 2 }),
    ];
    expect(traffic(history)).toEqual([{ at: 15 * second, received: 40, sent: 20 }]);
  });

  it("are an average over the time in which nobody looked", () => {
    const history = [counters(0, 0, {}), counters(120, 60, {})];
    expect(traffic(history)).toEqual([{ at: 120 * second, received: 30, sent: 0 }]);
  });

  it("do not fall below nothing when the router starts anew", () => {
    const history = [counters(0, 500, { a: 400 }), counters(60, 6, { a: 4, new: 70 })];
    expect(traffic(history)).toEqual([{ at: 60 * second, received: 6, sent: 4 }]);
  });

  it("need two looks", () => {
    expect(traffic([])).toEqual([]);
    expect(traffic([counters(0, 5, {})])).toEqual([]);
  });
});

describe("the history", () => {
  const health: Health = {
    status: "ok",
    intake: { instances: 7 },
    lanes: [{ destination: { id: "a", name: "A", kind: "dicom" }, instances: 3 }],
  };

  it("grows with each look, and forgets what is older than half an hour", () => {
    const old = counters(0, 1, {});
    const young = counters(1700, 2, {});
    expect(withCounters([old, young], health, 1801 * second)).toEqual([young, counters(1801, 7, { a: 3 })]);
  });

  it("stays as it is where the router tells nothing", () => {
    const history = [counters(0, 1, {})];
    expect(withCounters(history, { status: "degraded" }, 5 * second)).toBe(history);
  });
});
