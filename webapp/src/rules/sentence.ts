// SPDX-License-Identifier: GPL-3.0-or-later
import type { Level } from "../api/documents";
import type { Condition, ConditionValue, RuleNode } from "../api/policyDocuments";
import type { Operator } from "../api/ruleDocuments";
import { texts } from "../texts";

/** The rule as a sentence: "Each image for which Modality is “CT” and …". */
export function sentence(rule: RuleNode, level: Level, operators: Operator[] = []): string {
  const words = texts.rules.sentence;
  if (isEverything(rule)) return `${words.introEverything[level]}.`;
  if (isNothing(rule)) return `${words.introNothing[level]}.`;
  return `${words.intro[level]} ${phrase(rule, operators)}.`;
}

function isEverything(rule: RuleNode): boolean {
  return ("all" in rule && rule.all.length === 0) || ("not" in rule && isNothing(rule.not));
}

function isNothing(rule: RuleNode): boolean {
  return ("any" in rule && rule.any.length === 0) || ("not" in rule && isEverything(rule.not));
}

function phrase(rule: RuleNode, operators: Operator[]): string {
  const words = texts.rules.sentence;
  if (isEverything(rule)) return words.everything;
  if (isNothing(rule)) return words.nothing;
  if ("not" in rule) return words.none(phrase(rule.not, operators));
  if ("all" in rule) return joined(rule.all, words.and, operators);
  if ("any" in rule) return joined(rule.any, words.or, operators);
  return conditionPhrase(rule, operators);
}

function joined(nodes: RuleNode[], word: string, operators: Operator[]): string {
  const parts = nodes.map((node) => {
    const part = phrase(node, operators);
    const compound = ("all" in node && node.all.length > 1) || ("any" in node && node.any.length > 1);
    return compound && nodes.length > 1 ? `(${part})` : part;
  });
  return parts.join(` ${word} `);
}

/** One condition in words. */
export function conditionPhrase(condition: Condition, operators: Operator[] = []): string {
  const words = texts.rules.sentence;
  const operator = operators.find((one) => one.name === condition.operator);
  const verb = words.phrases[condition.operator] ?? operator?.label ?? condition.operator;
  const form =
    operator?.value ?? (condition.value === undefined || condition.value === null ? "none" : undefined);
  const parts = [tagWords(condition.tag), verb];
  if (form !== "none") parts.push(valueWords(condition.value, condition.operator));
  if (condition.case_sensitive) parts.push(words.caseSensitive);
  return parts.join(" ");
}

function valueWords(value: ConditionValue | null | undefined, operator: string): string {
  const words = texts.rules.sentence;
  if (value === undefined || value === null || value === "") return words.noValue;
  if (typeof value !== "object") return quoted(value);
  if (value.length === 0) return words.noValue;
  if (operator === "between") return words.betweenAnd(quoted(value[0] ?? ""), quoted(value[1] ?? ""));
  return value.map(quoted).join(", ");
}

function quoted(value: string | number): string {
  if (value === "") return texts.rules.sentence.noValue;
  return typeof value === "number" ? String(value) : `“${value}”`;
}

/** A tag in words: "StudyDescription" as "Study Description", a path with its steps. */
export function tagWords(tag: string): string {
  if (!tag) return texts.rules.sentence.noTag;
  const fact = texts.rules.tags.facts[tag];
  if (fact) return fact;
  if (tag.includes(",")) return tag;
  return tag
    .split(".")
    .map((step) => step.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2"))
    .join(" › ");
}
