// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Paper, Text, TextInput } from "@mantine/core";
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
  /** Why it is saved, in the words of the person who does. */
  comment: string;
  onComment: (comment: string) => void;
  /** What is to be known before one saves. */
  children?: ReactNode;
}

/** The foot of a form: save and discard, always in sight. */
export function SaveBar({ dirty, saving, isNew, onDiscard, comment, onComment, children }: SaveBarProps) {
  const mayEdit = useMay("edit");
  return (
    <Paper withBorder shadow="sm" p="sm" className={classes.bar}>
      {children}
      <Group justify="space-between" gap="xs">
        {mayEdit && (dirty || isNew) ? (
          <TextInput
            aria-label={texts.common.comment}
            placeholder={texts.common.comment}
            maxLength={2000}
            className={classes.comment}
            value={comment}
            onChange={(event) => onComment(event.currentTarget.value)}
          />
        ) : null}
        <Group gap="xs" ml="auto">
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
