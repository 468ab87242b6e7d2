// SPDX-License-Identifier: GPL-3.0-or-later
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

/** A query is tried again only where the answer may become another: not after a clear refusal. */
function shouldRetry(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && !error.unreachable;
  return !refused && failures < 2;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The network mode asks the browser whether it is online, which says nothing of Orthanc.
      queries: { retry: shouldRetry, staleTime: 2000, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
