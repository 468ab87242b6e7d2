import { describe, expect, it } from "vitest";
import { placeWords, sidesOf } from "./places";

describe("differences in words", () => {
  it.each([
    ["name", "Name"],
    ["rule.all[0].any[1].value", "rule › all › 1 › any › 2 › value"],
    ["actions[1].subject", "actions › 2 › subject"],
  ])("%s is %s", (path, words) => {
    expect(placeWords(path, { name: "Name" })).toBe(words);
  });

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
