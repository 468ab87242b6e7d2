// SPDX-License-Identifier: GPL-3.0-or-later
/** The Orthancs that share one store. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";
import type { Removed, ShownNode } from "./schema";

export type RouterNode = ShownNode;

const key = ["nodes"] as const;

export function useNodes() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request<List<RouterNode>>("nodes", { signal }),
    select: ({ items }) => items,
    refetchInterval: 3000,
  });
}

export type NodeOrder = "drain" | "resume" | "forget";

/** Have a node finish and take nothing new, let it work again, or forget one that is gone for good. */
export function useOrderNode() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, order }: { id: string; order: NodeOrder }) =>
      order === "forget"
        ? request<Partial<Removed>>(`nodes/${id}`, { method: "DELETE" })
        : request<Partial<Removed>>(`nodes/${id}/${order}`, { method: "POST" }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["health"] });
      return client.invalidateQueries({ queryKey: key });
    },
  });
}
