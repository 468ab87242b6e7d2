// SPDX-License-Identifier: GPL-3.0-or-later
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { draftOf } from "./draftOf";
import { byOrder, type OrderChange } from "./policyOrder";
import { request } from "./client";
import type { List } from "./documents";
import type { Policy, PolicyDraft } from "./policyDocuments";

const key = ["policies"] as const;

/** All policies in the order in which they are evaluated. */
export function usePolicies() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request<List<Policy>>("policies", { filters: { limit: 1000 }, signal }),
    select: (list) => list.items.toSorted(byOrder),
  });
}

export function usePolicy(id: string | undefined) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => request<Policy>(`policies/${id ?? ""}`, { signal }),
    enabled: id !== undefined,
    // An editor works on what it was opened with; a save tells it of a conflict.
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Read a policy as it is stored now. */
export function fetchPolicy(id: string): Promise<Policy> {
  return request<Policy>(`policies/${id}`);
}

export interface PolicySave {
  draft: PolicyDraft;
  /** Absent for a policy that does not exist yet. */
  existing?: { id: string; revision: number };
}

export function useSavePolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, existing }: PolicySave) =>
      existing
        ? request<Policy>(`policies/${existing.id}`, {
            method: "PUT",
            body: draft,
            revision: existing.revision,
          })
        : request<Policy>("policies", { method: "POST", body: draft }),
    onSuccess: (policy) => {
      client.setQueryData([...key, policy.id], policy);
      return client.invalidateQueries({ queryKey: key, exact: true });
    },
  });
}

export function useSwitchPolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
      request<Policy>(`policies/${id}/${enabled ? "enable" : "disable"}`, { method: "POST" }),
    onMutate: ({ id, enabled }) => {
      client.setQueryData<List<Policy>>(
        key,
        (list) =>
          list && {
            ...list,
            items: list.items.map((policy) => (policy.id === id ? { ...policy, enabled } : policy)),
          },
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

/** Give policies other places among the others. */
export function useReorderPolicies() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (changes: OrderChange[]) => {
      for (const { policy, order } of changes) {
        await request<Policy>(`policies/${policy.id}`, {
          method: "PUT",
          body: { ...draftOf(policy), order },
          revision: policy.revision,
        });
      }
    },
    onMutate: (changes) => {
      const orders = new Map(changes.map(({ policy, order }) => [policy.id, order]));
      client.setQueryData<List<Policy>>(
        key,
        (list) =>
          list && {
            ...list,
            items: list.items.map((policy) => ({ ...policy, order: orders.get(policy.id) ?? policy.order })),
          },
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export function useDeletePolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<undefined>(`policies/${id}`, { method: "DELETE" }),
    onSuccess: (_nothing, id) => client.removeQueries({ queryKey: [...key, id] }),
    onSettled: () => client.invalidateQueries({ queryKey: key, exact: true }),
  });
}
