// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Badge, Collapse, Group, Paper, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { Link } from "react-router";
import { useMay } from "../api/health";
import type { PolicyVerdict } from "../api/ruleDocuments";
import { ExplanationTree } from "../rules/ExplanationTree";
import { texts } from "../texts";

const words = texts.studies;

export interface VerdictProps {
  verdict: PolicyVerdict;
  /** How many images the study has. */
  images: number;
  /** Whether why is shown from the beginning. */
  opened: boolean;
}

/** What one policy says of a study; unfolds into why. */
export function Verdict({ verdict, images, opened: openedFirst }: VerdictProps) {
  const { policy, matches, skipped } = verdict;
  const [opened, { toggle }] = useDisclosure(openedFirst);
  const id = useId();
  const mayEdit = useMay("edit");
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <UnstyledButton onClick={toggle} aria-expanded={opened} aria-controls={id}>
          <Group gap="xs" wrap="nowrap">
            <Chevron size={18} aria-hidden />
            <VerdictBadge matches={matches} skipped={Boolean(skipped)} />
            <Text fw={600}>{policy.name}</Text>
          </Group>
        </UnstyledButton>
        <Anchor component={Link} to={`/policies/${policy.id}`} fz="sm">
          {mayEdit ? texts.common.edit : texts.common.view}
        </Anchor>
      </Group>
      <Text size="sm" c="dimmed" pl={26}>
        {[
          texts.policies.levels[policy.trigger.level],
          matches && verdict.matching_instances !== undefined
            ? words.matching(verdict.matching_instances, images)
            : "",
          skipped ? (verdict.reason ?? words.skippedReasons[skipped] ?? skipped) : "",
          verdict.deliveries.length > 0 ? texts.deliveries.total(verdict.deliveries.length) : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {(verdict.not_sent_back ?? []).map(({ action, destination, instances }) => (
        <Text key={action.id} size="sm" c="dimmed" pl={26}>
          {`${destination}: ${texts.runs.notSentBack(instances)}`}
        </Text>
      ))}
      <Collapse expanded={opened} id={id}>
        {verdict.explanation ? <ExplanationTree explanation={verdict.explanation} /> : null}
      </Collapse>
    </Paper>
  );
}

function VerdictBadge({ matches, skipped }: { matches: boolean; skipped: boolean }) {
  const [color, label] = skipped
    ? ["orange", words.skipped]
    : matches
      ? ["green", words.matched]
      : ["gray", words.notMatched];
  return (
    <Badge color={color} variant="light" tt="none">
      {label}
    </Badge>
  );
}
