/** The Orthancs that share one store. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";
import type { NodeState } from "./healthDocuments";

export interface RouterNode {
  id: string;
  name: string;
  state: NodeState;
  /** Whether it is the one that answers. */
  this: boolean;
  version: string;
  orthanc_version: string;
  aet: string;
  url: string;
  started_at: string;
  seen_at: string;
  /** Which of Orthanc's databases it works on; nodes with the same share what is stored. */
  index: string;
  /** Whether it is the one that reads the changes of its database. */
  reads_changes: boolean;
  lag_changes: number | null;
  lag_seconds: number | null;
  /** Deliveries that it is at. */
  running: number;
  /** Deliveries that nobody can make before it is back. */
  waiting?: number;
}

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
        ? request<{ failed_deliveries?: number }>(`nodes/${id}`, { method: "DELETE" })
        : request<{ failed_deliveries?: number }>(`nodes/${id}/${order}`, { method: "POST" }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["health"] });
      return client.invalidateQueries({ queryKey: key });
    },
  });
}
