// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { Level } from "../../api/documents";
import type { Case, RuleNode } from "../../api/policyDocuments";
import { texts } from "../../texts";
import { CaseBox } from "./CaseBox";

const words = texts.policies.editor.cases;

export interface CaseListProps {
  cases: Case[];
  rule: RuleNode;
  level: Level;
  onChange: (cases: Case[]) => void;
}

/** The policy's own examples, each with whether the rule does what it should. */
export function CaseList({ cases, rule, level, onChange }: CaseListProps) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {words.intro}
      </Text>
      {cases.map((one, index) => (
        <CaseBox
          key={index}
          example={one}
          place={`cases[${index}]`}
          rule={rule}
          level={level}
          onChange={(changed) => onChange(cases.map((before, other) => (other === index ? changed : before)))}
          onRemove={() => onChange(cases.filter((_, other) => other !== index))}
        />
      ))}
      <Button
        variant="light"
        w="fit-content"
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() =>
          onChange([...cases, { name: words.numbered(cases.length + 1), tags: {}, matches: true }])
        }
      >
        {words.add}
      </Button>
    </Stack>
  );
}
