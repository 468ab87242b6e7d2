// SPDX-License-Identifier: GPL-3.0-or-later
import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";
import type { Activity } from "./schema";

export type { Activity };

/** What policies have done lately, by their id, kept up to date. */
export function useActivity() {
  return useQuery({
    queryKey: ["activity"],
    queryFn: ({ signal }) => request<List<Activity>>("policies/activity", { signal }),
    select: (list) => new Map(list.items.map((one) => [one.policy, one])),
    refetchInterval: 10_000,
  });
}
