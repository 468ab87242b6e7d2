// SPDX-License-Identifier: GPL-3.0-or-later
import { same } from "./same";

export interface Merged<Draft> {
  draft: Draft;
  /** The fields that both have changed, differently; the draft has mine. */
  conflicts: (keyof Draft)[];
}

/** Bring two changes of the same document together, field by field. */
export function merge<Draft extends object>(base: Draft, theirs: Draft, mine: Draft): Merged<Draft> {
  const draft = { ...theirs };
  const conflicts: (keyof Draft)[] = [];
  for (const field of Object.keys(mine) as (keyof Draft)[]) {
    if (same(mine[field], base[field])) continue;
    if (!same(theirs[field], base[field]) && !same(theirs[field], mine[field])) conflicts.push(field);
    draft[field] = mine[field];
  }
  return { draft, conflicts };
}
