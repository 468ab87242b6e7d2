// SPDX-License-Identifier: GPL-3.0-or-later
import { useParams } from "react-router";
import type { Policy } from "../api/policyDocuments";
import type { Difference } from "../api/history";
import { useOperators } from "../api/rules";
import { same } from "../editing/same";
import { HistoryView } from "../history/HistoryView";
import { sentence } from "../rules/sentence";
import { texts } from "../texts";

/** The history of a policy; where the rule is another, also as sentences. */
export function PolicyHistoryPage() {
  const { id = "" } = useParams();
  const operators = useOperators().data;
  const said = ({ rule, trigger }: Policy): string => sentence(rule, trigger.level, operators);
  const inWords = (before: Policy, after: Policy): Difference[] =>
    same(before.rule, after.rule)
      ? []
      : [{ path: texts.history.inWords, change: "changed", before: said(before), after: said(after) }];
  return (
    <HistoryView<Policy>
      collection="policies"
      id={id}
      backLabel={texts.history.backToPolicy}
      fieldNames={texts.policies.editor.fieldNames}
      inWords={inWords}
    />
  );
}
