// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeliveryFilter } from "../api/deliveries";
import { states, type DeliveryState } from "../api/deliveryDocuments";

/** How long ago deliveries may have been made, in hours. */
export const spans = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 } as const;
export type Span = keyof typeof spans;

export const pageSize = 50;

/** What the address asks for. */
export interface DeliveryView {
  states: DeliveryState[];
  policy: string;
  destination: string;
  resource: string;
  run: string;
  search: string;
  span: Span | "";
  page: number;
}

/** Read a view from the address; what it does not know is left out. */
export function viewOf(address: URLSearchParams): DeliveryView {
  const span = address.get("span") ?? "";
  return {
    states: states.filter((state) => address.getAll("state").includes(state)),
    policy: address.get("policy") ?? "",
    destination: address.get("destination") ?? "",
    resource: address.get("resource") ?? "",
    run: address.get("run") ?? "",
    search: address.get("search") ?? "",
    span: span in spans ? (span as Span) : "",
    page: Math.max(1, Math.trunc(Number(address.get("page"))) || 1),
  };
}

/** The address of a view; what is as usual is left out. */
export function addressOf(view: DeliveryView): URLSearchParams {
  const address = new URLSearchParams();
  for (const state of view.states) address.append("state", state);
  for (const name of ["policy", "destination", "resource", "run", "search", "span"] as const) {
    if (view[name]) address.set(name, view[name]);
  }
  if (view.page > 1) address.set("page", String(view.page));
  return address;
}

/** What to ask the server for. The beginning of a span moves on by the minute, not with every look. */
export function filterOf(view: DeliveryView, now: number): DeliveryFilter {
  const minute = 60_000;
  return {
    state: view.states,
    policy: view.policy || undefined,
    destination: view.destination || undefined,
    resource: view.resource || undefined,
    run: view.run || undefined,
    search: view.search.trim() || undefined,
    since: view.span
      ? new Date(Math.floor(now / minute) * minute - spans[view.span] * 60 * minute).toISOString()
      : undefined,
  };
}

const retryable: readonly DeliveryState[] = ["failed", "cancelled", "retrying"];
const cancellable: readonly DeliveryState[] = ["waiting", "held", "running", "retrying"];

export function canRetry(state: DeliveryState): boolean {
  return retryable.includes(state) || state === "held";
}

export function canCancel(state: DeliveryState): boolean {
  return cancellable.includes(state);
}

/** Whether an order for all found means exactly the ones that are counted. */
export function canRetryAll(chosen: DeliveryState[]): boolean {
  return chosen.length > 0 && chosen.every((state) => retryable.includes(state));
}

export function canCancelAll(chosen: DeliveryState[]): boolean {
  return chosen.length > 0 && chosen.every((state) => cancellable.includes(state));
}
