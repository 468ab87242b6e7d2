// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { DeliveryOrder } from "../api/deliveries";
import { texts } from "../texts";

const words = texts.deliveries;

export interface OrderQuestionProps {
  /** What is about to be done; null while nothing is. */
  order: DeliveryOrder | null;
  count: number;
  /** Whether some of the deliveries were cancelled by a person: sending these takes a second consent. */
  withCancelled?: boolean;
  onClose: () => void;
  onConfirm: (order: DeliveryOrder) => void;
}

/** Asks before deliveries are cancelled, or many are retried. */
export function OrderQuestion({ order, ...props }: OrderQuestionProps) {
  return order ? <Question key={order} order={order} {...props} /> : null;
}

function Question({
  order,
  count,
  withCancelled = false,
  onClose,
  onConfirm,
}: OrderQuestionProps & { order: DeliveryOrder }) {
  const [agreed, setAgreed] = useState(false);
  const retrying = order === "retry";
  const question = retrying ? words.retryQuestion : words.cancelQuestion;
  return (
    <Modal
      opened
      onClose={onClose}
      title={question.title(count)}
      closeButtonProps={{ "aria-label": texts.common.close }}
    >
      <Stack>
        <Text>{question.text}</Text>
        {retrying && withCancelled ? (
          <Checkbox
            label={words.retryQuestion.cancelledToo}
            checked={agreed}
            onChange={(event) => setAgreed(event.currentTarget.checked)}
          />
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {question.keep}
          </Button>
          <Button
            color={retrying ? undefined : "red.9"}
            disabled={retrying && withCancelled && !agreed}
            onClick={() => onConfirm(order)}
          >
            {question.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
