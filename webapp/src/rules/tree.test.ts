// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { RuleNode } from "../api/policyDocuments";
import { isGroup, locate, toRule, toTree, type TreeCondition, type TreeNode } from "./tree";

const ct: RuleNode = { tag: "Modality", operator: "equals", value: "CT" };
const chest: RuleNode = { tag: "BodyPartExamined", operator: "in", value: ["CHEST", "LUNG"] };

const rules: Record<string, RuleNode> = {
  "every image": { all: [] },
  "no image": { any: [] },
  "one condition in a group": { all: [ct] },
  "one condition without a group": ct,
  "a condition denied": { not: ct },
  "a condition denied within a group": { all: [ct, { not: chest }] },
  "a denied group of one": { not: { any: [ct] } },
  "a denied group of several": { not: { all: [ct, chest] } },
  "a denied empty group": { not: { all: [] } },
  "denied twice": { not: { not: ct } },
  "a group denied twice": { not: { not: { any: [ct, chest] } } },
  "denied three times": { not: { not: { not: { all: [ct] } } } },
  "groups within groups": { all: [{ any: [ct, { all: [chest, { any: [] }] }] }, { not: { any: [ct] } }] },
  "a condition without a value": { all: [{ tag: "AccessionNumber", operator: "exists" }] },
  "a condition with a null value": { all: [{ tag: "AccessionNumber", operator: "exists", value: null }] },
  "a number, a pair and a list": {
    any: [
      { tag: "SliceThickness", operator: "less_than", value: 1.5 },
      { tag: "Rows", operator: "between", value: [256, 512] },
      chest,
    ],
  },
  "case and description kept": {
    all: [
      { ...ct, case_sensitive: true, description: "only ours" },
      { ...ct, case_sensitive: false, description: "" },
    ],
  },
  "an odd tag": { any: [{ tag: '0029,"SIEMENS CSA HEADER",10', operator: "missing" }] },
};

describe("a rule survives the way into the builder and back", () => {
  it.each(Object.entries(rules))("%s", (_name, rule) => {
    expect(toRule(toTree(rule))).toEqual(rule);
  });

  it("for every rule of up to three levels of groups and nots", () => {
    const grow = (inner: RuleNode[]): RuleNode[] =>
      inner.flatMap((node) => [{ all: [node] }, { any: [node, ct] }, { not: node }]);
    const first: RuleNode[] = [ct, { all: [] }, { any: [] }];
    const all = [first, grow(first), grow(grow(first)), grow(grow(grow(first)))].flat();
    expect(all.length).toBeGreaterThan(100);
    for (const rule of all) expect(toRule(toTree(rule))).toEqual(rule);
  });
});

describe("a group that the builder has made for itself", () => {
  it("becomes a real one when a second condition is put into it", () => {
    const tree = toTree({ not: ct });
    tree.rules.push({ field: "Rows", operator: "equals", value: 1 });
    expect(toRule(tree)).toEqual({ not: { any: [ct, { tag: "Rows", operator: "equals", value: 1 }] } });
  });

  it("becomes a real one when its combinator is chosen", () => {
    expect(toRule({ ...toTree(ct), combinator: "any" })).toEqual({ any: [ct] });
  });

  it("is an empty group when its condition is taken away", () => {
    expect(toRule({ ...toTree(ct), rules: [] })).toEqual({ all: [] });
  });
});

describe("locate", () => {
  const rule: RuleNode = {
    all: [ct, { any: [chest, { not: ct }] }, { not: { any: [ct, { not: { not: chest } }] } }],
  };

  it("names each condition by its path in the document", () => {
    const tree = toTree(rule);
    const places = locate(tree);
    const found: string[] = [];
    const visit = (node: TreeNode): void => {
      if (isGroup(node)) node.rules.forEach(visit);
      else found.push(places.get(node.id ?? "") ?? "");
    };
    visit(tree);
    expect(found).toEqual([
      "rule.all[0]",
      "rule.all[1].any[0]",
      "rule.all[1].any[1].not",
      "rule.all[2].not.any[0]",
      "rule.all[2].not.any[1].not.not",
    ]);
  });

  it("names a condition that is the whole rule", () => {
    const tree = toTree(ct);
    expect(locate(tree).get((tree.rules[0] as TreeCondition).id ?? "")).toBe("rule");
  });
});
