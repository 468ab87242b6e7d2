import { skipToken, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Health } from "./documents";
import { trafficKey } from "./queryClient";
import { withCounters, type Counters } from "./traffic";

/** How the router is, kept up to date. What it counts is remembered for as long as the page is open. */
export function useHealth() {
  return useQuery({
    queryKey: ["health"],
    queryFn: async ({ signal, client }) => {
      const health = await request<Health>("health", { signal });
      client.setQueryData<Counters[]>(trafficKey, (history = []) =>
        withCounters(history, health, Date.now()),
      );
      return health;
    },
    refetchInterval: 5000,
    retry: false,
  });
}

/** What the router has counted since the page was opened. */
export function useCounters(): Counters[] {
  return useQuery<Counters[]>({ queryKey: trafficKey, queryFn: skipToken }).data ?? [];
}
