// SPDX-License-Identifier: GPL-3.0-or-later
/** The audit trail: who did what, and what was done to which patient's data. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { request, requestFile } from "./client";
import type { Page } from "./deliveries";
import type { List } from "./documents";
import type { AuditEntry, Verification } from "./schema";

export type { AuditEntry, Verification };

export interface AuditFilter {
  /** An event, or with a dot at its end all events of a kind. */
  event?: string | undefined;
  actor?: string | undefined;
  /** The id of what it was done to, of the policy that acted, or of the destination. */
  object?: string | undefined;
  search?: string | undefined;
  outcome?: AuditEntry["outcome"] | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** A page of the entries found, newest first, kept up to date. */
export function useAudit(filter: AuditFilter, page: Page) {
  return useQuery({
    queryKey: ["audit", filter, page],
    queryFn: ({ signal }) => request<List<AuditEntry>>("audit", { filters: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

/** The whole trail, stretch by stretch, until its end or the first entry that is not as it was written. */
async function verify(): Promise<Verification> {
  let whole = await request<Verification>("audit/verify");
  while (whole.ok && typeof whole.go_on_after === "number") {
    const next = await request<Verification>("audit/verify", { filters: { after: whole.go_on_after } });
    whole = {
      ...next,
      entries: whole.entries + next.entries,
      first: whole.first,
      last: next.entries ? next.last : whole.last,
    };
  }
  return whole;
}

export function useVerification() {
  return useMutation({ mutationFn: verify });
}

/** What the filters leave, as one file. */
export function useAuditExport() {
  return useMutation({
    mutationFn: ({ format, filter }: { format: "csv" | "json"; filter: AuditFilter }) =>
      requestFile("audit/export", { ...filter, format }),
  });
}
