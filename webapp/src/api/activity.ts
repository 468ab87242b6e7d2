import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";

/** How often a policy has fired lately, counted in the deliveries that it has made. */
export interface Activity {
  policy: string;
  last_fired_at: string | null;
  /** Within 24 hours and within seven days; of the latter, those that have failed. */
  day: number;
  week: number;
  failed_week: number;
}

/** What policies have done lately, by their id, kept up to date. */
export function useActivity() {
  return useQuery({
    queryKey: ["activity"],
    queryFn: ({ signal }) => request<List<Activity>>("policies/activity", { signal }),
    select: (list) => new Map(list.items.map((one) => [one.policy, one])),
    refetchInterval: 10_000,
  });
}
