// SPDX-License-Identifier: GPL-3.0-or-later
import { useQuery } from "@tanstack/react-query";
import { request } from "./client";

/** The tags of one stored image, to show what is usual in them; nothing where nothing is stored. */
export function useStoredExample(enabled: boolean) {
  return useQuery({
    queryKey: ["stored example"],
    queryFn: async ({ signal }) => {
      const body = { Level: "Instance", Query: {}, Limit: 1 };
      const [id] = await request<string[]>("../tools/find", { method: "POST", body, signal });
      if (id === undefined) return {};
      return request<Record<string, unknown>>(`../instances/${id}/simplified-tags`, { signal });
    },
    enabled,
    staleTime: Infinity,
    // Examples only; who may not see what is stored does without.
    retry: false,
  });
}
