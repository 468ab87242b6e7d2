// SPDX-License-Identifier: GPL-3.0-or-later
import type { AuditFilter } from "../api/audit";

export const pageSize = 50;

/** What the address asks for; days as `2026-01-31`, in the viewer's zone, both included. */
export interface AuditView {
  event: string;
  actor: string;
  object: string;
  search: string;
  outcome: string;
  from: string;
  to: string;
  page: number;
}

const names = ["event", "actor", "object", "search", "outcome", "from", "to"] as const;

export const nothing: Omit<AuditView, "page"> = {
  event: "",
  actor: "",
  object: "",
  search: "",
  outcome: "",
  from: "",
  to: "",
};

/** Read a view from the address; a day or an outcome that is none is left out. */
export function viewOf(address: URLSearchParams): AuditView {
  const view = { ...nothing, page: Math.max(1, Math.trunc(Number(address.get("page"))) || 1) };
  for (const name of names) view[name] = address.get(name) ?? "";
  if (outcomeOf(view) === undefined) view.outcome = "";
  if (!isDay(view.from)) view.from = "";
  if (!isDay(view.to)) view.to = "";
  return view;
}

/** The address of a view; what is as usual is left out. */
export function addressOf(view: AuditView): URLSearchParams {
  const address = new URLSearchParams();
  for (const name of names) if (view[name]) address.set(name, view[name]);
  if (view.page > 1) address.set("page", String(view.page));
  return address;
}

/** What to ask the server for. */
export function filterOf(view: AuditView): AuditFilter {
  return {
    event: view.event || undefined,
    actor: view.actor.trim() || undefined,
    object: view.object || undefined,
    search: view.search.trim() || undefined,
    outcome: outcomeOf(view),
    since: view.from ? midnight(view.from, 0) : undefined,
    until: view.to ? midnight(view.to, 1) : undefined,
  };
}

function outcomeOf({ outcome }: AuditView): AuditFilter["outcome"] {
  return outcome === "success" || outcome === "failure" ? outcome : undefined;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The beginning of a day in the viewer's zone, or of one that is so many days later. */
function midnight(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
