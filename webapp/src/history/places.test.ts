// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { sidesOf } from "./places";

describe("differences in words", () => {
  it("have two sides", () => {
    expect(sidesOf({ path: "name", change: "changed", before: "A", after: 2 })).toEqual({
      before: "A",
      after: "2",
    });
    expect(sidesOf({ path: "x", change: "added", before: null, after: ["CT"] })).toEqual({
      before: "not there",
      after: '[\n  "CT"\n]',
    });
    expect(sidesOf({ path: "x", change: "removed", before: "A", after: null }).after).toBe("not there");
    expect(sidesOf({ path: "actions[0]", change: "moved", before: 2, after: 0 })).toEqual({
      before: "at place 3",
      after: "at place 1",
    });
  });
});
