import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { texts } from "../texts";

const words = texts.deliveries.cancelQuestion;

export interface CancelQuestionProps {
  opened: boolean;
  count: number;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks before deliveries are cancelled. */
export function CancelQuestion({ opened, count, onClose, onConfirm }: CancelQuestionProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.title(count)}
      closeButtonProps={{ "aria-label": texts.common.close }}
    >
      <Stack>
        <Text>{words.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {words.keep}
          </Button>
          <Button color="red.9" onClick={onConfirm}>
            {words.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
