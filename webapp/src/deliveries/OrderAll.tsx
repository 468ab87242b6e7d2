import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconRefresh } from "@tabler/icons-react";
import { useOrderDeliveries, type DeliveryFilter, type DeliveryOrder } from "../api/deliveries";
import { useMay } from "../api/health";
import { refused, told } from "../layout/notices";
import { texts } from "../texts";
import { CancelQuestion } from "./CancelQuestion";
import { canCancelAll, canRetryAll, type DeliveryView } from "./filters";

const words = texts.deliveries;

export interface OrderAllProps {
  view: DeliveryView;
  filter: DeliveryFilter;
  total: number;
}

/** Retry or cancel all deliveries found. */
export function OrderAll({ view, filter, total }: OrderAllProps) {
  const mayOperate = useMay("operate");
  const order = useOrderDeliveries();
  const [asking, { open, close }] = useDisclosure();
  if (total === 0 || !mayOperate) return null;

  const give = (what: DeliveryOrder): void => {
    close();
    order.mutateAsync({ order: what, wanted: filter }).then(
      (answer) => told((what === "retry" ? words.retried : words.cancelled)(answer?.count ?? total)),
      (error: unknown) => refused(error),
    );
  };

  return (
    <>
      {canRetryAll(view.states) ? (
        <Button
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={order.isPending}
          onClick={() => give("retry")}
        >
          {words.retryAll(total)}
        </Button>
      ) : null}
      {canCancelAll(view.states) ? (
        <Button
          variant="default"
          leftSection={<IconBan size={18} aria-hidden />}
          onClick={open}
          disabled={order.isPending}
        >
          {words.cancelAll(total)}
        </Button>
      ) : null}
      <CancelQuestion opened={asking} count={total} onClose={close} onConfirm={() => give("cancel")} />
    </>
  );
}
