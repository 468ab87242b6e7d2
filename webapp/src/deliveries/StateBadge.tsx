// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Tooltip } from "@mantine/core";
import type { DeliveryState } from "../api/deliveryDocuments";
import { texts } from "../texts";

const colors: Record<DeliveryState, string> = {
  waiting: "gray",
  held: "violet",
  running: "blue",
  retrying: "orange",
  succeeded: "green",
  failed: "red",
  cancelled: "gray",
};

/** Where a delivery stands. */
export function StateBadge({ state }: { state: DeliveryState }) {
  return (
    <Tooltip label={texts.deliveries.stateHints[state]} withArrow>
      <Badge color={colors[state]} variant="light" tt="none">
        {texts.deliveries.states[state]}
      </Badge>
    </Tooltip>
  );
}
