/** What all documents of the router have in common as they cross its API. */
import type { PolicyWarning } from "./checks";

export interface List<Item> {
  items: Item[];
  total: number;
}

export const levels = ["instance", "series", "study"] as const;
export type Level = (typeof levels)[number];

/** What the server adds to every stored document. */
export interface Stored {
  id: string;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  /** Of a policy that has just been saved: what is most likely not meant in it. */
  warnings?: PolicyWarning[];
}
