// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { Revision } from "../api/history";
import { texts } from "../texts";

const words = texts.history;

export interface RestoreQuestionProps {
  opened: boolean;
  revision: Revision;
  /** Whether the present revision is switched on. */
  isOn: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks before an earlier revision is restored, and says where that switches the document on or off. */
export function RestoreQuestion({ opened, revision, isOn, onClose, onConfirm }: RestoreQuestionProps) {
  const question = words.restoreQuestion;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={question.title(revision.revision)}
      closeButtonProps={{ "aria-label": texts.common.close }}
    >
      <Stack>
        <Text>{question.text(revision.name)}</Text>
        {revision.enabled === isOn ? null : (
          <Alert color="orange">
            {revision.enabled ? question.switchesOn(revision.name) : question.switchesOff(revision.name)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {question.keep}
          </Button>
          <Button onClick={onConfirm}>{words.restore}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
