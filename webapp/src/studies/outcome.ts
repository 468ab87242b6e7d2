// SPDX-License-Identifier: GPL-3.0-or-later
import type { Delivery } from "../api/deliveryDocuments";

/** What became of a resource as a whole: the one of its deliveries' states that a person should know of first. */
export interface Outcome {
  state: "failed" | "open" | "succeeded" | "cancelled" | "none";
  /** How many of its deliveries are in that state. */
  count: number;
  /** The names of the destinations where something of it has arrived. */
  arrivedAt: string[];
}

/** The kind of what acts in this Orthanc, such as a label: nothing has gone anywhere by it. */
const here = "orthanc";

export function outcomeOf(deliveries: Delivery[]): Outcome {
  const failed = deliveries.filter(({ state }) => state === "failed").length;
  const succeeded = deliveries.filter(({ state }) => state === "succeeded");
  const cancelled = deliveries.filter(({ state }) => state === "cancelled").length;
  const open = deliveries.length - failed - succeeded.length - cancelled;
  const destinations = succeeded.flatMap(({ destination }) => destination ?? []);
  const elsewhere = destinations.filter(({ kind }) => kind !== here).map(({ name }) => name);
  const arrivedAt = [...new Set(elsewhere)].sort();
  if (failed > 0) return { state: "failed", count: failed, arrivedAt };
  if (open > 0) return { state: "open", count: open, arrivedAt };
  if (succeeded.length > 0) return { state: "succeeded", count: succeeded.length, arrivedAt };
  return { state: cancelled > 0 ? "cancelled" : "none", count: cancelled, arrivedAt };
}
