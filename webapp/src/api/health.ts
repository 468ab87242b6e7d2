import { queryOptions, skipToken, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Health, Role } from "./documents";
import { trafficKey } from "./queryClient";
import { withCounters, type Counters } from "./traffic";

const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal, client }) => {
    const health = await request<Health>("health", { signal });
    client.setQueryData<Counters[]>(trafficKey, (history = []) => withCounters(history, health, Date.now()));
    return health;
  },
  retry: false,
});

/** How the router is, kept up to date. What it counts is remembered for as long as the page is open. */
export function useHealth() {
  return useQuery({ ...healthQuery, refetchInterval: 5000 });
}

/** Whether the person who has logged in may do this; as long as that is not known, the server decides. */
export function useMay(role: Role): boolean {
  const may = useQuery({
    ...healthQuery,
    staleTime: Infinity,
    select: ({ user }) => user?.roles?.includes(role),
  });
  return may.data ?? true;
}

/** What the router has counted since the page was opened. */
export function useCounters(): Counters[] {
  return useQuery<Counters[]>({ queryKey: trafficKey, queryFn: skipToken }).data ?? [];
}
