// SPDX-License-Identifier: GPL-3.0-or-later
import type { RuleGroupType, RuleType } from "react-querybuilder";
import type { Condition, ConditionValue, RuleNode } from "../api/policyDocuments";

/**
 * The rule as the rule builder edits it, and back. The builder knows groups (with a combinator and
 * a `not`) and conditions; a policy's rule also has conditions and nots that stand outside a group.
 * For those a group is *bare*: it exists in the builder alone. Both ways together change nothing.
 */

export type TreeCondition = Omit<RuleType, "value"> & {
  field: string;
  operator: string;
  value?: ConditionValue | null;
  case_sensitive?: boolean;
  description?: string;
};

export type TreeGroup = Omit<RuleGroupType, "rules" | "combinator"> & {
  combinator: Combinator;
  rules: TreeNode[];
  /** Made for the builder alone; forgotten as soon as it holds more or less than one node. */
  bare?: boolean;
};

export type TreeNode = TreeCondition | TreeGroup;
export type Combinator = "all" | "any";

export function isGroup(node: TreeNode): node is TreeGroup {
  return "rules" in node;
}

let counter = 0;
/** An identifier for a node of the tree, unique within the page. */
export function nodeId(): string {
  counter += 1;
  return `node-${counter}`;
}

/** The builder's tree of a rule. */
export function toTree(rule: RuleNode): TreeGroup {
  const node = toNode(rule);
  return isGroup(node) ? node : { id: nodeId(), combinator: "all", bare: true, rules: [node] };
}

function toNode(rule: RuleNode): TreeNode {
  if ("all" in rule) return { id: nodeId(), combinator: "all", rules: rule.all.map(toNode) };
  if ("any" in rule) return { id: nodeId(), combinator: "any", rules: rule.any.map(toNode) };
  if ("not" in rule) {
    const inner = toNode(rule.not);
    return isGroup(inner) && !inner.not && !inner.bare
      ? { ...inner, not: true }
      : { id: nodeId(), combinator: "any", not: true, bare: true, rules: [inner] };
  }
  const { tag, value, ...rest } = rule;
  return { id: nodeId(), field: tag, value, ...rest };
}

/** The rule of the builder's tree. */
export function toRule(tree: TreeGroup): RuleNode {
  return groupToRule(tree);
}

function groupToRule(group: TreeGroup): RuleNode {
  const only = isBare(group) ? group.rules[0] : undefined;
  const inner = only ? nodeToRule(only) : ({ [group.combinator]: group.rules.map(nodeToRule) } as RuleNode);
  return group.not ? { not: inner } : inner;
}

function nodeToRule(node: TreeNode): RuleNode {
  return isGroup(node) ? groupToRule(node) : conditionOf(node);
}

function conditionOf(node: TreeCondition): Condition {
  // What the builder keeps for itself does not belong into the document.
  const { id, path, field, operator, value, valueSource, ...rest } = node;
  return { tag: field, operator, ...(value === undefined ? {} : { value }), ...rest };
}

function isBare(group: TreeGroup): boolean {
  return group.bare === true && group.rules.length === 1 && group.combinator === (group.not ? "any" : "all");
}

/** Where each node stands in the document: its id to a path such as `rule.all[0].not`. */
export function locate(tree: TreeGroup, root = "rule"): Map<string, string> {
  const places = new Map<string, string>();
  const visit = (node: TreeNode, path: string): void => {
    if (node.id) places.set(node.id, path);
    if (!isGroup(node)) return;
    const within = node.not ? `${path}.not` : path;
    const bare = isBare(node);
    node.rules.forEach((child, index) =>
      visit(child, bare ? within : `${within}.${node.combinator}[${index}]`),
    );
  };
  visit(tree, root);
  return places;
}

/** The tree with another node in the place of the one with this id. */
export function replaceNode(tree: TreeGroup, id: string | undefined, node: TreeNode): TreeGroup {
  const visit = (current: TreeNode): TreeNode => {
    if (current.id === id) return node;
    return isGroup(current) ? { ...current, rules: current.rules.map(visit) } : current;
  };
  return visit(tree) as TreeGroup;
}

/** A condition that has yet to be filled in. */
export function newCondition(): TreeCondition {
  return { id: nodeId(), field: "", operator: "equals", value: "" };
}

/** A group with one condition that has yet to be filled in. */
export function newGroup(): TreeGroup {
  return { id: nodeId(), combinator: "any", rules: [newCondition()] };
}
