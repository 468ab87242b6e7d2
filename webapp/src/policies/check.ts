import type { Fault } from "../api/client";
import type { PolicyDraft, RuleNode } from "../api/documents";
import { texts } from "../texts";

const words = texts.policies.editor.missing;

/** What of a policy is plainly not filled in yet. Everything else is for the server to judge. */
export function check(draft: PolicyDraft): Fault[] {
  return [
    ...(draft.name.trim() ? [] : [{ path: "name", message: words.name }]),
    ...emptyTags(draft.rule, "rule"),
    ...draft.actions.flatMap((action, index) =>
      action.destination ? [] : [{ path: `actions[${index}].destination`, message: words.destination }],
    ),
  ];
}

function emptyTags(rule: RuleNode, path: string): Fault[] {
  if ("all" in rule) return rule.all.flatMap((node, index) => emptyTags(node, `${path}.all[${index}]`));
  if ("any" in rule) return rule.any.flatMap((node, index) => emptyTags(node, `${path}.any[${index}]`));
  if ("not" in rule) return emptyTags(rule.not, `${path}.not`);
  return rule.tag ? [] : [{ path: `${path}.tag`, message: words.tag }];
}
