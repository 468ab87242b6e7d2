// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { blankPolicy } from "./draft";
import { check } from "./check";

describe("a policy is not sent before", () => {
  const filled = { ...blankPolicy(10, "archive"), name: "CT" };
  it("it is filled in", () => {
    expect(check(filled)).toEqual([]);
  });
  it("it has a name", () => {
    expect(check({ ...filled, name: "  " }).map(({ path }) => path)).toEqual(["name"]);
  });
  it("each action says where to", () => {
    expect(check(blankPolicy(10, "")).map(({ path }) => path)).toEqual(["name", "actions[0].destination"]);
  });
  it("each change has a tag, and each redaction an area", () => {
    const transform = { replace: { "": "x" }, redact: [{ when: { "": "GE" }, rectangles: [] }] };
    const action = { type: "modify", transform, priority: "normal", select: "all" } as const;
    expect(check({ ...filled, actions: [action] }).map(({ path }) => path)).toEqual([
      "actions[0].transform.replace",
      "actions[0].transform.redact[0].when",
      "actions[0].transform.redact[0].rectangles",
    ]);
  });
  it("each condition has a tag, at whatever depth", () => {
    const empty = { tag: "", operator: "equals", value: "" };
    const rule = { all: [empty, { not: { any: [{ tag: "Rows", operator: "exists" }, empty] } }] };
    expect(check({ ...filled, rule }).map(({ path }) => path)).toEqual([
      "rule.all[0].tag",
      "rule.all[1].not.any[1].tag",
    ]);
  });
});
