import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Health } from "./documents";

/** How the router is, kept up to date. */
export function useHealth() {
  return useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => request<Health>("health", { signal }),
    refetchInterval: 5000,
    retry: false,
  });
}
