// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { Level } from "../../api/documents";
import type { Case, RuleNode } from "../../api/policyDocuments";
import { useEvaluation } from "../../api/rules";
import { ExplanationTree } from "../../rules/ExplanationTree";
import { texts } from "../../texts";
import { NotEvaluated } from "../NotEvaluated";

const words = texts.policies.editor.cases;

export interface CaseResultProps {
  example: Case;
  rule: RuleNode;
  level: Level;
}

/** Whether the rule, as it is now, does what the example asks for; if not, why. */
export function CaseResult({ example, rule, level }: CaseResultProps) {
  const [asked] = useDebouncedValue(rule, 400);
  const { resource } = example;
  const [tags] = useDebouncedValue(example.tags ?? {}, 400);
  const { data, error } = useEvaluation(asked, level, resource ? { resource } : { tags });
  if (error) return <NotEvaluated error={error} />;
  const passes = data?.matches === example.matches;
  return (
    <Stack gap="xs" aria-live="polite">
      <Badge color={data ? (passes ? "green" : "red") : "gray"} variant="light" size="lg" tt="none">
        {data ? (passes ? words.passes : words.fails) : words.untried}
      </Badge>
      {data && !passes ? <ExplanationTree explanation={data.explanation} /> : null}
    </Stack>
  );
}
