// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { merge } from "./merge";
import { isWithin, valueAt } from "./paths";
import { same } from "./same";

describe("paths", () => {
  it("find what stands there", () => {
    expect(valueAt({ actions: [{ destination: "pacs" }] }, "actions[0].destination")).toBe("pacs");
    expect(valueAt({ actions: [] }, "actions[3].destination")).toBeUndefined();
    expect(valueAt({ all: [{ any: [[1, 2]] }] }, "all[0].any[0][1]")).toBe(2);
  });
  it("find fields with a dot in their name, as tags within sequences have", () => {
    const replace = { "RequestAttributesSequence[0].StudyID": "1", RequestAttributesSequence: "2" };
    expect(valueAt({ replace }, "replace.RequestAttributesSequence[0].StudyID")).toBe("1");
    expect(valueAt({ replace }, "replace.RequestAttributesSequence")).toBe("2");
  });
  it("know what lies within a place", () => {
    expect(isWithin("settings.port", "settings")).toBe(true);
    expect(isWithin("actions[1].priority", "actions")).toBe(true);
    expect(isWithin("named", "name")).toBe(false);
  });
});

describe("same", () => {
  it.each([
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{ a: null }, {}, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    ["1", 1, false],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(same(a, b)).toBe(expected);
  });
});

describe("merge", () => {
  const base = { name: "A", order: 1, enabled: true };
  it("keeps what each alone has changed", () => {
    expect(merge(base, { ...base, order: 2 }, { ...base, name: "B" })).toEqual({
      draft: { name: "B", order: 2, enabled: true },
      conflicts: [],
    });
  });
  it("names what both have changed, and has mine", () => {
    expect(merge(base, { ...base, name: "C", enabled: false }, { ...base, name: "B" })).toEqual({
      draft: { name: "B", order: 1, enabled: false },
      conflicts: ["name"],
    });
  });
  it("is no conflict where both have made the same change", () => {
    expect(merge(base, { ...base, name: "B" }, { ...base, name: "B" }).conflicts).toEqual([]);
  });
});
