// SPDX-License-Identifier: GPL-3.0-or-later
/** Policies and their rules as they cross the API. */
import type { Action } from "./actions";
import type { Stored } from "./documents";
import type { CaseInput, SavedPolicy, TriggerOutput } from "./schema";

export type ConditionValue = string | number | readonly (string | number)[];

export interface Condition {
  tag: string;
  operator: string;
  value?: ConditionValue | null;
  case_sensitive?: boolean;
  description?: string;
}

export type RuleNode = { all: RuleNode[] } | { any: RuleNode[] } | { not: RuleNode } | Condition;

export type Trigger = Pick<TriggerOutput, "level"> & Partial<TriggerOutput>;

/** A policy's own example: tags, or something that is stored. */
export type Case = Pick<CaseInput, "name" | "matches"> & {
  [Of in "tags" | "resource"]?: NonNullable<CaseInput[Of]>;
};

/** What a person writes of a policy. */
export type PolicyDraft = Omit<SavedPolicy, keyof Stored | "trigger" | "rule" | "actions" | "cases"> & {
  trigger: Trigger;
  rule: RuleNode;
  actions: Action[];
  cases: Case[];
};

export type Policy = PolicyDraft & Stored;
