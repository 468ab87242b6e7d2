/** The audit trail: who did what, and what was done to which patient's data. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { request, requestFile } from "./client";
import type { Page } from "./deliveries";
import type { List } from "./documents";

export interface AuditEntry {
  /** Its place in the chain, from 1. */
  number: number;
  at: string;
  /** The id of the node where it was done. */
  node: string;
  /** Such as `policy.changed`. */
  event: string;
  actor: { type: "user" | "policy" | "router"; name: string; id: string; address: string };
  object: { type: string; id: string; name: string; revision: number | null } | null;
  patient: {
    patient_id: string;
    patient_name: string;
    accession_number: string;
    study_instance_uid: string;
    study: string;
  } | null;
  destination: { id: string; name: string; kind: string } | null;
  outcome: "success" | "failure";
  detail: string;
  instances: number | null;
  previous: string;
  hash: string;
}

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

/** Whether the chain is whole. */
export interface Verification {
  ok: boolean;
  entries: number;
  first: number | null;
  last: number | null;
  /** The first entry that is not as it was written. */
  broken_at: number | null;
  message: string;
  /** Of the last entry: whoever keeps it elsewhere can tell later whether the end was cut off. */
  hash: string | null;
  /** Where this was a stretch of a long trail: the entry after which to go on. */
  go_on_after: number | null;
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
