// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { ConditionValue } from "../api/policyDocuments";
import type { Explanation } from "../api/ruleDocuments";
import { texts } from "../texts";
import classes from "./ExplanationTree.module.css";
import { conditionPhrase } from "./sentence";

const words = texts.rules.explanation;

/** Why a rule matches or does not: each condition with its verdict and the actual value. */
export function ExplanationTree({ explanation }: { explanation: Explanation }) {
  return (
    <ul className={classes.tree}>
      <Node node={explanation} />
    </ul>
  );
}

function Node({ node }: { node: Explanation }) {
  if ("group" in node) {
    return (
      <li>
        <Line matches={node.matches} title={words[node.group]} />
        {node.children.length === 0 ? (
          <Text size="sm" c="dimmed" className={classes.reason}>
            {node.group === "any" ? texts.rules.group.emptyAny : texts.rules.group.emptyAll}
          </Text>
        ) : null}
        <ul className={classes.tree}>
          {node.children.map((child, index) => (
            <Node key={index} node={child} />
          ))}
        </ul>
      </li>
    );
  }
  const { tag, keyword, operator, value, reason } = node;
  const title = conditionPhrase({ tag: keyword || tag, operator, value: value as ConditionValue | null });
  return (
    <li>
      <Line matches={node.matches} title={title} />
      <Text size="sm" c="dimmed" className={classes.reason}>
        {reason}
      </Text>
    </li>
  );
}

function Line({ matches, title }: { matches: boolean | null; title: string }) {
  const Icon = matches ? IconCheck : IconX;
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Icon
        size={18}
        className={matches ? classes.holds : classes.fails}
        aria-label={matches ? words.matches : words.fails}
        role="img"
      />
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {title}
      </Text>
    </Group>
  );
}
