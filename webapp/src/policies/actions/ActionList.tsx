// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Menu, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconPlus } from "@tabler/icons-react";
import type { Action } from "../../api/actions";
import type { Level } from "../../api/documents";
import { useFault } from "../../editing/faults";
import { useActionWords } from "../../layout/actionWords";
import { texts } from "../../texts";
import { ActionBox } from "./ActionBox";
import { useActionKinds } from "./kinds";

const words = texts.actions;

export interface ActionListProps {
  actions: Action[];
  level: Level;
  onChange: (actions: Action[]) => void;
}

/** What a matching policy does, one form an action. */
export function ActionList({ actions, level, onChange }: ActionListProps) {
  const fault = useFault("actions");
  const kinds = useActionKinds();
  const wordsOf = useActionWords();
  return (
    <Stack gap="sm">
      {actions.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      ) : null}
      {actions.map((action, index) => (
        <ActionBox
          key={action.id ?? index}
          action={action}
          number={index + 1}
          place={`actions[${index}]`}
          level={level}
          onChange={(changed) => onChange(actions.map((one, other) => (other === index ? changed : one)))}
          onRemove={() => onChange(actions.filter((_, other) => other !== index))}
        />
      ))}
      {fault ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {fault}
        </Text>
      ) : null}
      <Menu position="bottom-start" withinPortal width={340}>
        <Menu.Target>
          <Button
            variant="light"
            w="fit-content"
            leftSection={<IconPlus size={16} aria-hidden />}
            rightSection={<IconChevronDown size={16} aria-hidden />}
          >
            {words.add}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {[...kinds].map(([type, { blank }]) => (
            <Menu.Item key={type} onClick={() => onChange([...actions, blank()])}>
              <Text size="sm">{wordsOf(type).label}</Text>
              <Text size="xs" c="dimmed">
                {wordsOf(type).hint}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Stack>
  );
}
