// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMay } from "../api/health";
import { useOrderNode, type NodeOrder, type RouterNode } from "../api/nodes";
import { refused, told } from "../layout/notices";
import { texts } from "../texts";

const words = texts.nodes.orders;

/** What a person may have a node do, by how it is. */
export function NodeOrders({ node }: { node: RouterNode }) {
  const mayOperate = useMay("operate");
  const order = useOrderNode();
  const [asking, { open, close }] = useDisclosure();
  if (!mayOperate) return null;
  const give = (what: NodeOrder): void => {
    close();
    order.mutate(
      { id: node.id, order: what },
      {
        onSuccess: ({ failed_deliveries: failed = 0 }) => told(words.done[what](node.name, failed)),
        onError: (error) => refused(error),
      },
    );
  };
  if (node.state === "active") {
    return (
      <Button size="xs" variant="default" loading={order.isPending} onClick={() => give("drain")}>
        {words.drain}
      </Button>
    );
  }
  if (node.state !== "gone") {
    return (
      <Button size="xs" variant="default" loading={order.isPending} onClick={() => give("resume")}>
        {words.resume}
      </Button>
    );
  }
  return (
    <>
      <Button size="xs" variant="default" loading={order.isPending} onClick={open}>
        {words.forget}
      </Button>
      <Modal
        opened={asking}
        onClose={close}
        title={words.question.title(node.name)}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        <Stack>
          <Text>{words.question.text}</Text>
          <Text fw={600}>{words.question.abandoned(node.waiting)}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {texts.common.cancel}
            </Button>
            <Button color="red.9" onClick={() => give("forget")}>
              {words.question.confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
