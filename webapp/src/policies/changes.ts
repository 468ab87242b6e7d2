import type { Operator, PolicyDraft, RuleNode } from "../api/documents";
import { same } from "../editing/same";
import { sentence } from "../rules/sentence";

export interface Change {
  field: keyof PolicyDraft;
  before: string;
  after: string;
}

/** What differs between two revisions of a policy, in words or as the document has it. */
export function changes(before: PolicyDraft, after: PolicyDraft, operators: Operator[] = []): Change[] {
  return (Object.keys(after) as (keyof PolicyDraft)[])
    .filter((field) => !same(before[field], after[field]))
    .map((field) => ({
      field,
      before: shown(before, field, operators),
      after: shown(after, field, operators),
    }));
}

function shown(draft: PolicyDraft, field: keyof PolicyDraft, operators: Operator[]): string {
  const value: unknown = draft[field];
  if (field === "rule")
    return `${sentence(value as RuleNode, draft.trigger.level, operators)}\n\n${json(value)}`;
  return typeof value === "string" ? value : json(value);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
