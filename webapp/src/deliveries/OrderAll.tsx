// SPDX-License-Identifier: GPL-3.0-or-later
import { Button } from "@mantine/core";
import { IconBan, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useOrderDeliveries, type DeliveryFilter, type DeliveryOrder } from "../api/deliveries";
import { useMay } from "../api/health";
import { refused, told } from "../layout/notices";
import { texts } from "../texts";
import { canCancelAll, canRetryAll } from "./filters";
import { OrderQuestion } from "./OrderQuestion";

const words = texts.deliveries;

export interface OrderAllProps {
  filter: DeliveryFilter;
  total: number;
  /** Whether the number still belongs to another filter. */
  stale?: boolean;
  size?: "xs" | "sm";
}

/** What a person has been shown, and is asked about. */
interface Asked {
  order: DeliveryOrder;
  filter: DeliveryFilter;
  count: number;
  withCancelled: boolean;
}

/** Retry or cancel all deliveries found. The order carries the filter and the number as they were shown. */
export function OrderAll({ filter, total, stale = false, size = "sm" }: OrderAllProps) {
  const mayOperate = useMay("operate");
  const order = useOrderDeliveries();
  const states = filter.state ?? [];
  const [asked, setAsked] = useState<Asked | null>(null);
  if (!mayOperate || (total === 0 && !asked)) return null;

  const ask = (what: DeliveryOrder): void =>
    setAsked({ order: what, filter, count: total, withCancelled: states.includes("cancelled") });
  const give = ({ order: what, filter: shown, count }: Asked): void => {
    setAsked(null);
    order.mutateAsync({ order: what, wanted: { ...shown, count } }).then(
      (answer) => told((what === "retry" ? words.retried : words.cancelled)(answer?.count ?? count)),
      (error: unknown) => refused(error),
    );
  };

  return (
    <>
      {canRetryAll(states) ? (
        <Button
          size={size}
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={order.isPending}
          disabled={stale}
          onClick={() => ask("retry")}
        >
          {stale ? words.retryAllStale : words.retryAll(total)}
        </Button>
      ) : null}
      {canCancelAll(states) ? (
        <Button
          size={size}
          variant="default"
          leftSection={<IconBan size={18} aria-hidden />}
          disabled={stale || order.isPending}
          onClick={() => ask("cancel")}
        >
          {stale ? words.cancelAllStale : words.cancelAll(total)}
        </Button>
      ) : null}
      <OrderQuestion
        order={asked?.order ?? null}
        count={asked?.count ?? 0}
        withCancelled={asked?.withCancelled ?? false}
        onClose={() => setAsked(null)}
        onConfirm={() => {
          if (asked) give(asked);
        }}
      />
    </>
  );
}
