import { Button, Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useMay } from "../api/health";
import { texts } from "../texts";
import classes from "./SaveBar.module.css";

export interface SaveBarProps {
  dirty: boolean;
  saving: boolean;
  /** A document that does not exist yet can be saved as it is. */
  isNew: boolean;
  onDiscard: () => void;
  children?: ReactNode;
}

/** The foot of a form: save and discard, always in sight. */
export function SaveBar({ dirty, saving, isNew, onDiscard, children }: SaveBarProps) {
  const mayEdit = useMay("edit");
  return (
    <Paper withBorder shadow="sm" p="sm" className={classes.bar}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">{children}</Group>
        <Group gap="xs">
          {dirty ? (
            <Text size="sm" c="dimmed" role="status">
              {texts.common.unsaved.marker}
            </Text>
          ) : null}
          <Button variant="default" onClick={onDiscard} disabled={!dirty || saving}>
            {texts.common.discard}
          </Button>
          {mayEdit ? null : (
            <Text size="sm" role="note">
              {texts.common.mayNotEdit}
            </Text>
          )}
          <Button type="submit" loading={saving} disabled={!mayEdit || (!dirty && !isNew)}>
            {texts.common.save}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
