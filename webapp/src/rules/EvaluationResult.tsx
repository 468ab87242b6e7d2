// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Group, Text } from "@mantine/core";
import type { Evaluation } from "../api/ruleDocuments";
import { texts } from "../texts";
import { ExplanationTree } from "./ExplanationTree";

const words = texts.studies;

/** Whether a rule matches, and why. */
export function EvaluationResult({ evaluation }: { evaluation: Evaluation }) {
  const { matches, matching_instances: matching, instances } = evaluation;
  return (
    <div aria-live="polite">
      <Group gap="xs">
        <Badge color={matches ? "green" : "gray"} variant="light" size="lg" tt="none">
          {matches ? words.matched : words.notMatched}
        </Badge>
        {matching !== undefined && instances !== undefined && instances > 1 ? (
          <Text size="sm" c="dimmed">
            {words.matching(matching, instances)}
          </Text>
        ) : null}
      </Group>
      <ExplanationTree explanation={evaluation.explanation} />
    </div>
  );
}
