// SPDX-License-Identifier: GPL-3.0-or-later
import { useMemo } from "react";
import { QueryBuilder, type RuleGroupType } from "react-querybuilder";
import { BuilderContext, type Builder } from "./builder";
import { ConditionRow } from "./ConditionRow";
import { GroupBox } from "./GroupBox";
import { locate, nodeId, replaceNode, type TreeGroup } from "./tree";

const controls = { rule: ConditionRow, ruleGroup: GroupBox };
const combinators = [
  { name: "all", label: "all" },
  { name: "any", label: "any" },
];

/** Builds a rule of nested groups and conditions. Faults are taken from their context. */
export function RuleBuilder({ tree, onChange }: { tree: TreeGroup; onChange: (tree: TreeGroup) => void }) {
  const builder = useMemo((): Builder => {
    const places = locate(tree);
    return {
      replace: (id, node) => onChange(replaceNode(tree, id, node)),
      placeOf: (id) => places.get(id ?? "") ?? "",
    };
  }, [tree, onChange]);
  return (
    <BuilderContext value={builder}>
      <QueryBuilder
        query={tree as RuleGroupType}
        onQueryChange={(query) => onChange(query as TreeGroup)}
        controlElements={controls}
        combinators={combinators}
        idGenerator={nodeId}
        enableMountQueryChange={false}
        resetOnFieldChange={false}
        resetOnOperatorChange={false}
      />
    </BuilderContext>
  );
}
