// SPDX-License-Identifier: GPL-3.0-or-later
import type { Difference } from "../api/history";
import { texts } from "../texts";

const words = texts.history;

/** Both sides of a difference as people read them. */
export function sidesOf({ change, before, after }: Difference): { before: string; after: string } {
  if (change === "moved")
    return { before: words.movedTo(Number(before) + 1), after: words.movedTo(Number(after) + 1) };
  return {
    before: change === "added" ? words.absent : shown(before),
    after: change === "removed" ? words.absent : shown(after),
  };
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
