import { ActionIcon, Button, Group, Paper, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Action, Level } from "../../api/documents";
import { texts } from "../../texts";
import { actionKinds, type ActionKind } from "./kinds";

const words = texts.policies.editor.actions;

export interface ActionListProps {
  actions: Action[];
  level: Level;
  onChange: (actions: Action[]) => void;
}

/** What a matching policy does, one form an action. */
export function ActionList({ actions, level, onChange }: ActionListProps) {
  return (
    <Stack gap="sm">
      {actions.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      ) : null}
      {actions.map((action, index) => {
        const kind = actionKinds[action.type] as ActionKind | undefined;
        const label = kind ? words.types[kind.type] : action.type;
        return (
          <Paper key={action.id ?? index} withBorder p="sm" role="group" aria-label={label}>
            <Group justify="space-between" mb="xs">
              <Text fw={600}>{label}</Text>
              <Tooltip label={words.remove(index + 1)}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={words.remove(index + 1)}
                  onClick={() => onChange(actions.filter((_, other) => other !== index))}
                >
                  <IconTrash size={18} />
                </ActionIcon>
              </Tooltip>
            </Group>
            {kind ? (
              <kind.Form
                action={action}
                place={`actions[${index}]`}
                level={level}
                onChange={(changed) =>
                  onChange(actions.map((one, other) => (other === index ? changed : one)))
                }
              />
            ) : (
              <Text size="sm" c="dimmed">
                {words.unknown}
              </Text>
            )}
          </Paper>
        );
      })}
      <Group gap="xs">
        {Object.entries(actionKinds).map(([type, kind]) => (
          <Button
            key={type}
            variant="light"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => onChange([...actions, kind.blank()])}
          >
            {words.add(words.types[kind.type])}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}
