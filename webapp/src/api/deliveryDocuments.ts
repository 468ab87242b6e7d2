// SPDX-License-Identifier: GPL-3.0-or-later
/** Deliveries, and what was made of what, as they cross the API. */
import type { Delivery } from "./schema";

export type {
  Attempt,
  Delivery,
  DeliveryDetail,
  LineageGraph as Lineage,
  LineageStep,
  Place,
  Resource as DeliveryResource,
} from "./schema";

export type DeliveryState = Delivery["state"];
export const states = [
  "waiting",
  "held",
  "running",
  "retrying",
  "succeeded",
  "failed",
  "cancelled",
] as const satisfies readonly DeliveryState[];
