// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Group, Paper, Stack, Text, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useFault } from "../../editing/faults";
import { useActionWords } from "../../layout/actionWords";
import { texts } from "../../texts";
import type { ActionFormProps } from "./form";
import { GeneratedForm } from "./GeneratedForm";
import { useActionKinds } from "./kinds";
import { WhenAndWhat } from "./WhenAndWhat";

const words = texts.actions;

export interface ActionBoxProps extends ActionFormProps {
  /** Which one it is, counted from 1. */
  number: number;
  onRemove: () => void;
}

/** One action: what its type asks for, and what all have in common. */
export function ActionBox({ number, onRemove, ...form }: ActionBoxProps) {
  const { action, place } = form;
  const kind = useActionKinds().get(action.type);
  const { label } = useActionWords()(action.type);
  const faults = [useFault(place), useFault(`${place}.type`)].filter(Boolean).join(" · ");
  return (
    <Paper withBorder p="sm" role="group" aria-label={label}>
      <Group justify="space-between" mb="xs">
        <Text fw={600}>{label}</Text>
        <Tooltip label={words.remove(number)}>
          <ActionIcon variant="subtle" color="gray" aria-label={words.remove(number)} onClick={onRemove}>
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {faults ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert" mb="xs">
          {faults}
        </Text>
      ) : null}
      {kind ? (
        <Stack gap="md">
          {typeof kind.form === "function" ? (
            <kind.form {...form} />
          ) : (
            <GeneratedForm {...form} schema={kind.form} />
          )}
          <WhenAndWhat {...form} sendsBack={kind.sendsBack} />
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          {words.unknown}
        </Text>
      )}
    </Paper>
  );
}
