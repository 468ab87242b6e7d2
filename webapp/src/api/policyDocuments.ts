/** Policies and their rules as they cross the API. */
import type { Action } from "./actions";
import type { Level, Stored } from "./documents";

export type ConditionValue = string | number | readonly (string | number)[];

export interface Condition {
  tag: string;
  operator: string;
  value?: ConditionValue | null;
  case_sensitive?: boolean;
  description?: string;
}

export type RuleNode = { all: RuleNode[] } | { any: RuleNode[] } | { not: RuleNode } | Condition;

export interface Trigger {
  level: Level;
  quiet_seconds?: number | null;
}

/** A policy's own example: tags, or something that is stored. */
export interface Case {
  name: string;
  tags?: Record<string, unknown>;
  resource?: { level: Level; id: string };
  matches: boolean;
}

export interface PolicyDraft {
  name: string;
  description: string;
  enabled: boolean;
  order: number;
  trigger: Trigger;
  rule: RuleNode;
  fallback: boolean;
  stop: boolean;
  actions: Action[];
  cases: Case[];
  /** Why it is saved; of each save alone. */
  comment: string;
}

export type Policy = PolicyDraft & Stored;
