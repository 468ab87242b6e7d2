import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Schema } from "./destinationDocuments";
import type { List } from "./documents";

/** A type of action, as the server tells of it. */
export interface ActionType {
  type: string;
  /** In English: its name, what it is for, and what a policy with it does, before the destination's name. */
  label: string;
  hint: string;
  summary: string;
  /** What its destination must take; null for an action without a destination. */
  needs: string | null;
  /** The first version of Orthanc that can do it; empty where any can. */
  first_orthanc: string;
  schema: Schema;
}

/** All types of actions that policies can have. */
export function useActionTypes() {
  return useQuery({
    queryKey: ["action-types"],
    queryFn: ({ signal }) => request<List<ActionType>>("action-types", { signal }),
    select: (list) => list.items,
    staleTime: Infinity,
  });
}
