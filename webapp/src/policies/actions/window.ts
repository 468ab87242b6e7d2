// SPDX-License-Identifier: GPL-3.0-or-later
import type { Window } from "../../api/actions";

/** The browser's names of time zones, and the given one, which it may not know. */
export function zones(given: string | null | undefined): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set(["UTC", ...known, ...(given ? [given] : [])])];
}

/** Whether the window closes on the day after it opens. */
export function crossesMidnight({ from, to }: Window): boolean {
  return to < from;
}

export function isWholeDay({ from, to }: Window): boolean {
  return from === to;
}
