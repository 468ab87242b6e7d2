// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { texts } from "../texts";

const words = texts.policies.switchOnQuestion;

export interface SwitchOnQuestionProps {
  opened: boolean;
  /** The name of the policy. */
  name: string;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks before a policy is switched on that sends images outside as they are. */
export function SwitchOnQuestion({ opened, name, onClose, onConfirm }: SwitchOnQuestionProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.title(name)}
      closeButtonProps={{ "aria-label": texts.common.close }}
    >
      <Stack>
        <Text>{words.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {words.leave}
          </Button>
          <Button onClick={onConfirm}>{words.confirm}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
