// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "../api/health";
import { isOver, useOrderRun, type Run, type RunOrder } from "../api/runs";
import { refused } from "../layout/notices";
import { texts } from "../texts";

const words = texts.runs.orders;
const question = texts.runs.cancelQuestion;

/** Pause a run, let it go on, end it; nothing for one that is over. */
export function RunOrders({ run }: { run: Run }) {
  const mayOperate = useMay("operate");
  const order = useOrderRun();
  const [asking, { open, close }] = useDisclosure();
  const [deliveries, setDeliveries] = useState(true);
  if (isOver(run) || !mayOperate) return null;
  // Only these change anything, so that only they are asked about.
  const makes = run.kind === "replay" || run.kind === "route";
  const give = (what: RunOrder): void => {
    close();
    const body = what === "cancel" && makes ? { deliveries } : {};
    order.mutate({ id: run.id, order: what, ...body }, { onError: (error) => refused(error) });
  };
  return (
    <Group gap="xs">
      {run.state === "paused" ? (
        <Button
          variant="light"
          leftSection={<IconPlayerPlay size={18} aria-hidden />}
          loading={order.isPending}
          onClick={() => give("resume")}
        >
          {words.resume}
        </Button>
      ) : (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={18} aria-hidden />}
          loading={order.isPending}
          onClick={() => give("pause")}
        >
          {words.pause}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconX size={18} aria-hidden />}
        disabled={order.isPending}
        onClick={() => (makes ? open() : give("cancel"))}
      >
        {words.cancel}
      </Button>
      <Modal
        opened={asking}
        onClose={close}
        title={question.title}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        <Stack>
          <Text>{question.text}</Text>
          <Checkbox
            label={question.deliveries}
            description={question.deliveriesHint}
            checked={deliveries}
            onChange={(event) => setDeliveries(event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {question.keep}
            </Button>
            <Button color="red.9" onClick={() => give("cancel")}>
              {question.confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
