// SPDX-License-Identifier: GPL-3.0-or-later
import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Schema } from "./destinationDocuments";
import type { List } from "./documents";
import type { ActionTypeEntry } from "./schema";

/** A type of action, as the server tells of it. */
export type ActionType = Omit<ActionTypeEntry, "schema"> & { schema: Schema };

/** All types of actions that policies can have. */
export function useActionTypes() {
  return useQuery({
    queryKey: ["action-types"],
    queryFn: ({ signal }) => request<List<ActionType>>("action-types", { signal }),
    select: (list) => list.items,
    staleTime: Infinity,
  });
}
