// SPDX-License-Identifier: GPL-3.0-or-later
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, request } from "./client";
import type { Health, Role } from "./healthDocuments";
import { hasToken } from "./login";

const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => askHealth(signal),
  retry: false,
});

/** As long as the router has no store, its health comes with the status 503. */
async function askHealth(signal: AbortSignal): Promise<Health> {
  try {
    return await request<Health>("health", { signal });
  } catch (error) {
    const told =
      error instanceof ApiError && error.status === 503 ? (error.content as Health | undefined) : undefined;
    if (told?.problems === undefined) throw error;
    return told;
  }
}

/** How the router is, kept up to date. */
export function useHealth() {
  return useQuery({
    ...healthQuery,
    // Where nobody answers, the end of that is looked for more often.
    refetchInterval: ({ state }) => (state.status === "error" ? 2000 : 5000),
  });
}

/** Whether the person who has logged in may do this; as long as that is not known, the server decides. */
export function useMay(role: Role): boolean {
  const may = useQuery({
    ...healthQuery,
    staleTime: Infinity,
    select: ({ user }) => user?.roles.includes(role),
  });
  return may.data ?? true;
}

/** Where Orthanc Explorer 2 shows a study, below Orthanc's root, with `{uid}` in it; empty where it is not there. */
export function useStudyPage(): string {
  const page = useQuery({
    ...healthQuery,
    staleTime: Infinity,
    select: ({ orthanc }) => orthanc?.study_page,
  });
  return page.data ?? "";
}

/** The name of the person that a token stands for, as Orthanc's authorization plugin tells it. */
export function useTokenHolder(): string | undefined {
  return useQuery({
    queryKey: ["profile"],
    queryFn: ({ signal }) => request<{ name?: string }>("../auth/user/profile", { signal }),
    enabled: hasToken(),
    staleTime: Infinity,
    retry: false,
  }).data?.name;
}
