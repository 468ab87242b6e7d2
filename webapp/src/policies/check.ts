// SPDX-License-Identifier: GPL-3.0-or-later
import { destinationOf, type Action, type Transform } from "../api/actions";
import type { Fault } from "../api/client";
import type { PolicyDraft, RuleNode } from "../api/policyDocuments";
import { texts } from "../texts";

const words = texts.policies.editor.missing;

/** What of a policy is plainly not filled in yet. Everything else is for the server to judge. */
export function check(draft: PolicyDraft): Fault[] {
  return [
    ...(draft.name.trim() ? [] : [{ path: "name", message: words.name }]),
    ...emptyTags(draft.rule, "rule"),
    ...draft.actions.flatMap((action, index) => ofAction(action, `actions[${index}]`)),
    ...draft.cases.flatMap(({ name, tags }, index) => [
      ...(name.trim() ? [] : [{ path: `cases[${index}].name`, message: words.caseName }]),
      ...(tags && typeof tags === "object" && "" in tags
        ? [{ path: `cases[${index}].tags`, message: words.tag }]
        : []),
    ]),
  ];
}

function ofAction(action: Action, place: string): Fault[] {
  const faults =
    destinationOf(action) === "" ? [{ path: `${place}.destination`, message: words.destination }] : [];
  if (action.type === "label" && !action.label) faults.push({ path: `${place}.label`, message: words.label });
  if ((action.type === "forward" || action.type === "modify") && action.transform)
    faults.push(...ofTransform(action.transform, `${place}.transform`));
  return faults;
}

function ofTransform({ replace, insert, redact }: Transform, place: string): Fault[] {
  const named: [string, object | undefined][] = [
    ["replace", replace],
    ["insert", insert],
    ...(redact ?? []).map(({ when }, index): [string, object | undefined] => [`redact[${index}].when`, when]),
  ];
  return [
    ...named
      .filter(([, values]) => values && "" in values)
      .map(([field]) => ({ path: `${place}.${field}`, message: words.tag })),
    ...(redact ?? []).flatMap(({ rectangles = [], outside_regions }, index) =>
      rectangles.length > 0 || outside_regions
        ? []
        : [{ path: `${place}.redact[${index}].rectangles`, message: words.rectangle }],
    ),
  ];
}

function emptyTags(rule: RuleNode, path: string): Fault[] {
  if ("all" in rule) return rule.all.flatMap((node, index) => emptyTags(node, `${path}.all[${index}]`));
  if ("any" in rule) return rule.any.flatMap((node, index) => emptyTags(node, `${path}.any[${index}]`));
  if ("not" in rule) return emptyTags(rule.not, `${path}.not`);
  return rule.tag ? [] : [{ path: `${path}.tag`, message: words.tag }];
}
