// SPDX-License-Identifier: GPL-3.0-or-later
/** What all documents of the router have in common as they cross its API. */
import type { SavedPolicy, StoredResource } from "./schema";

export interface List<Item> {
  items: Item[];
  total: number;
}

export type Level = StoredResource["level"];
export const levels = ["instance", "series", "study"] as const satisfies readonly Level[];

/** What the server adds to every stored document; `warnings` to a policy that has just been saved. */
export type Stored = Pick<SavedPolicy, "id" | "revision" | "created_at" | "updated_at" | "updated_by"> &
  Partial<Pick<SavedPolicy, "warnings">>;
