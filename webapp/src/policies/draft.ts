// SPDX-License-Identifier: GPL-3.0-or-later
import type { PolicyDraft } from "../api/policyDocuments";

/** What a new policy begins with. */
export function blankPolicy(order: number, destination: string): PolicyDraft {
  return {
    name: "",
    description: "",
    enabled: true,
    order,
    trigger: { level: "instance", quiet_seconds: null },
    rule: { all: [{ tag: "Modality", operator: "equals", value: "" }] },
    fallback: false,
    stop: false,
    actions: [{ type: "forward", destination, priority: "normal", select: "all" }],
    cases: [],
    comment: "",
  };
}

/** A policy made after another's example; its actions get identities of their own. */
export function copyOf(draft: PolicyDraft, name: string): PolicyDraft {
  return {
    ...draft,
    name,
    enabled: false,
    actions: draft.actions.map((action) => ({ ...action, id: null })),
  };
}
