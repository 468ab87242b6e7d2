// SPDX-License-Identifier: GPL-3.0-or-later
import {
  ActionIcon,
  Collapse,
  Group,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconTrash } from "@tabler/icons-react";
import { useId } from "react";
import type { Level } from "../../api/documents";
import type { Case, RuleNode } from "../../api/policyDocuments";
import { useFault } from "../../editing/faults";
import { ResourceLink } from "../../studies/ResourceLink";
import { texts } from "../../texts";
import { CaseResult } from "./CaseResult";
import { CaseTags } from "./CaseTags";
import { identifying } from "./exampleTags";

const words = texts.policies.editor.cases;

export interface CaseBoxProps {
  example: Case;
  place: string;
  rule: RuleNode;
  level: Level;
  onChange: (example: Case) => void;
  onRemove: () => void;
}

/** One example: its tags, what the rule should do, and what it does. */
export function CaseBox({ example, place, rule, level, onChange, onRemove }: CaseBoxProps) {
  const { name, tags = {}, resource, matches } = example;
  const faults = {
    whole: useFault(place),
    name: useFault(`${place}.name`),
    inside: useFault(`${place}.tags`, true),
    resource: useFault(`${place}.resource`, true),
  };
  const id = useId();
  // A new example is there to be filled in.
  const [unfolded, { toggle }] = useDisclosure(!resource && Object.keys(tags).length === 0);
  const opened = unfolded || Boolean(faults.name ?? faults.inside);
  const personal = identifying(tags);
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <Paper withBorder p="sm" role="group" aria-label={name}>
      <Group gap="xs" wrap="nowrap" justify="space-between" align="flex-start">
        <UnstyledButton onClick={toggle} aria-expanded={opened} aria-controls={id}>
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Chevron size={18} aria-hidden />
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {name || words.name}
            </Text>
            <Text c="dimmed" style={{ whiteSpace: "nowrap" }}>
              {matches ? words.matches : words.matchesNot}
            </Text>
          </Group>
        </UnstyledButton>
        <Tooltip label={words.remove(name)}>
          <ActionIcon variant="subtle" color="gray" aria-label={words.remove(name)} onClick={onRemove}>
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Collapse expanded={opened} id={id}>
        <Stack gap="sm" py="xs">
          <Group gap="xs" align="flex-start">
            <TextInput
              aria-label={words.name}
              flex={1}
              miw={160}
              maxLength={200}
              value={name}
              onChange={(event) => onChange({ ...example, name: event.currentTarget.value })}
              error={faults.name}
            />
            <SegmentedControl
              aria-label={words.meant}
              data={[
                { value: "yes", label: words.matches },
                { value: "no", label: words.matchesNot },
              ]}
              value={matches ? "yes" : "no"}
              onChange={(meant) => onChange({ ...example, matches: meant === "yes" })}
            />
          </Group>
          {resource ? (
            <StoredExample resource={resource} />
          ) : (
            <CaseTags
              tags={tags}
              place={`${place}.tags`}
              onChange={(changed) => onChange({ ...example, tags: changed })}
            />
          )}
          {personal.length > 0 ? (
            <Text size="xs" c="dimmed">
              {words.identifying(personal.join(", "))}
            </Text>
          ) : null}
        </Stack>
      </Collapse>
      <CaseResult example={example} rule={rule} level={level} />
      {(faults.whole ?? faults.resource) ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {faults.whole ?? faults.resource}
        </Text>
      ) : null}
    </Paper>
  );
}

/** An example that is not told by tags, but is something that Orthanc stores. */
function StoredExample({ resource: { level, id } }: { resource: NonNullable<Case["resource"]> }) {
  return (
    <Text size="sm">
      {words.stored} <ResourceLink level={level} id={id} />
    </Text>
  );
}
