// SPDX-License-Identifier: GPL-3.0-or-later
/** What policies and destinations have in common: each save is a revision. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { List, Stored } from "./documents";
import type { Difference, DifferencesAnswer, Policy } from "./schema";

export type { Difference };

/** The collections whose documents have a history. */
export type Collection = "policies" | "destinations";

/** A revision of a document, with why it was saved. */
export type Revision = Stored & Pick<Policy, "name" | "comment" | "enabled">;

/** All revisions of a document, newest first. */
export function useRevisions<Document extends Revision>(collection: Collection, id: string) {
  return useQuery({
    queryKey: [collection, id, "revisions"],
    queryFn: ({ signal }) => request<List<Document>>(`${collection}/${id}/revisions`, { signal }),
    select: (list) => list.items,
  });
}

/** What leads from one revision of a document to another. */
export function useDifferences(collection: Collection, id: string, from: number, to: number) {
  return useQuery({
    queryKey: [collection, id, "differences", from, to],
    queryFn: ({ signal }) =>
      request<DifferencesAnswer>(`${collection}/${id}/differences`, {
        filters: { from, to },
        signal,
      }),
    select: ({ differences }) => differences,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    enabled: from !== to,
  });
}

/** Save a document as it is, where it was changed outside the router. */
export function useAccept(collection: Collection) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<Stored>(`${collection}/${id}/accept`, { method: "POST", body: {} }),
    onSettled: () =>
      Promise.all([collection, "health"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Make an earlier revision the current one. */
export function useRestore(collection: Collection) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, revision, comment }: { id: string; revision: number; comment: string }) =>
      request<Stored>(`${collection}/${id}/restore`, { method: "POST", body: { revision, comment } }),
    onSettled: () => client.invalidateQueries({ queryKey: [collection] }),
  });
}
