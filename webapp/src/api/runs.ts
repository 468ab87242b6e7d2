/** What is done in the background over what Orthanc stores already: previews, replays, simulations. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Priority } from "./actions";
import { request } from "./client";
import type { DeliveryResource, DeliveryState } from "./deliveryDocuments";
import type { Level, List } from "./documents";
import type { PolicyDraft } from "./policyDocuments";
import type { Page } from "./deliveries";

export const runKinds = ["preview", "replay", "route", "simulation"] as const;
export type RunKind = (typeof runKinds)[number];

export const runStates = ["waiting", "running", "paused", "finished", "cancelled", "failed"] as const;
export type RunState = (typeof runStates)[number];

/** Which stored images are meant; nothing at all means everything that is stored. */
export interface Selection {
  /** Received then or later, and before; instants as ISO writes them. */
  from?: string;
  to?: string;
  /** The query of Orthanc's `/tools/find` at the level of studies. */
  studies?: Record<string, string>;
  resources?: { level: Level; id: string }[];
}

/** A destination as it was when the run named it. */
export interface RunDestination {
  id: string;
  name: string;
  kind: string;
}

export interface RunAction {
  id: string;
  type: string;
}

export interface SampleTag {
  tag: string;
  name: string;
  /** Null where the tag is absent. */
  before: string | null;
  after: string | null;
}

export interface Sample {
  resource: DeliveryResource;
  action: RunAction;
  tags: SampleTag[];
}

export interface PreviewReport {
  studies: { matched: number; unmatched: number; gained: number; lost: number };
  instances: number;
  bytes: number;
  /** The revision that is in effect, which gains and losses are counted against. */
  compared_revision: number | null;
  destinations: {
    destination: RunDestination | null;
    action: RunAction;
    studies: number;
    instances: number;
    bytes: number;
    /** Images among them that came from there, and do not go back. */
    not_sent_back?: number;
  }[];
  samples: Sample[];
}

export interface ReplayReport {
  planned: number;
  skipped_already_delivered: number;
  failed_to_plan: unknown[];
  instances: number;
  bytes: number;
  not_sent_back?: number;
}

export interface SimulatedHour {
  at: string;
  destination: RunDestination;
  deliveries: number;
  instances: number;
  bytes: number;
  /** Deliveries that wait at the end of the hour. */
  queue: number;
}

export interface SimulationReport {
  hours: SimulatedHour[];
  totals: {
    destination: RunDestination;
    deliveries: number;
    instances: number;
    bytes: number;
    not_sent_back?: number;
  }[];
  missed_windows: {
    action: RunAction;
    destination: RunDestination | null;
    deliveries: number;
    message: string;
  }[];
}

interface AnyRun {
  id: string;
  state: RunState;
  /** Without an id where it is not saved, without a revision where a draft of it was looked at. */
  policy: { id: string | null; name: string; revision: number | null } | null;
  request: Selection & { draft?: unknown; days?: number };
  created_at: string;
  created_by: string;
  started_at: string | null;
  finished_at: string | null;
  progress: { studies_done: number; studies_total: number | null; instances: number };
  error: string | null;
  /** What became of the deliveries that a replay has made. */
  deliveries?: Partial<Record<DeliveryState, number>> | null;
}

export type Run =
  | (AnyRun & { kind: "preview"; report: PreviewReport | null })
  | (AnyRun & { kind: "replay" | "route"; report: ReplayReport | null })
  | (AnyRun & { kind: "simulation"; report: SimulationReport | null });

/** What a simulation is over, in milliseconds since 1970. */
export function periodOf({ created_at, request }: Run): { from: number; to: number } {
  const to = Date.parse(created_at);
  return { from: to - (request.days ?? 7) * 24 * 3_600_000, to };
}

/** Whether nothing more will happen to it. */
export function isOver({ state }: Pick<Run, "state">): boolean {
  return state === "finished" || state === "cancelled" || state === "failed";
}

export const verdicts = ["matched", "unmatched", "gained", "lost"] as const;
export type RunVerdict = (typeof verdicts)[number];

/** What a run says of one study. */
export interface RunStudy {
  resource: DeliveryResource | null;
  verdict: "matched" | "unmatched" | null;
  change: "gained" | "lost" | null;
  reason: string;
  instances: number;
  matching_instances: number;
  bytes: number;
}

const key = ["runs"] as const;

export interface RunFilter {
  kind?: RunKind | undefined;
  state?: RunState | undefined;
  policy?: string | undefined;
}

/** A page of the runs found, newest first, kept up to date. */
export function useRuns(filter: RunFilter, page: Page) {
  return useQuery({
    queryKey: [...key, "found", filter, page],
    queryFn: ({ signal }) => request<List<Run>>("runs", { filters: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 3000,
  });
}

/** A run, followed until it and the deliveries that it has made are over. */
export function useRun(id: string | undefined) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => request<Run>(`runs/${id ?? ""}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state: { data } }) =>
      !data ? false : isOver(data) ? (isDelivering(data) ? 3000 : false) : 1000,
  });
}

function isDelivering({ deliveries }: Run): boolean {
  return (["waiting", "held", "running", "retrying"] as const).some(
    (state) => (deliveries?.[state] ?? 0) > 0,
  );
}

/** The studies of a run of which this is said. */
export function useRunStudies(id: string, verdict: RunVerdict, page: Page) {
  return useQuery({
    queryKey: [...key, id, "studies", verdict, page],
    queryFn: ({ signal }) =>
      request<List<RunStudy>>(`runs/${id}/studies`, { filters: { verdict, ...page }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** What to begin: of a stored policy by its id, of one that is not saved by its draft alone. */
export type RunStart =
  | { kind: "preview"; policy: string | undefined; draft?: PolicyDraft; selection: Selection }
  | { kind: "simulation"; policy: string | undefined; draft?: PolicyDraft; days: number }
  | { kind: "replay"; policy: string; run: string; again: boolean; priority: Priority };

export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (start: RunStart) => request<Run>(routeOf(start), { method: "POST", body: bodyOf(start) }),
    onSuccess: (run) => {
      client.setQueryData([...key, run.id], run);
      return client.invalidateQueries({ queryKey: [...key, "found"] });
    },
  });
}

function routeOf({ kind, policy }: RunStart): string {
  const route = kind === "simulation" ? "simulate" : kind;
  return policy === undefined ? route : `policies/${policy}/${route}`;
}

function bodyOf(start: RunStart): object {
  switch (start.kind) {
    case "preview":
      return { ...start.selection, draft: start.draft };
    case "simulation":
      return { days: start.days, draft: start.draft };
    case "replay":
      return { run: start.run, again: start.again, priority: start.priority };
  }
}

export type RunOrder = "pause" | "resume" | "cancel";

/** Pause a run, let it go on, or end it: with `deliveries`, also those that it has made and that are open. */
export function useOrderRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, order, ...body }: { id: string; order: RunOrder; deliveries?: boolean }) =>
      request<unknown>(`runs/${id}/${order}`, { method: "POST", body }),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export function useDeleteRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<undefined>(`runs/${id}`, { method: "DELETE" }),
    onSuccess: (_nothing, id) => client.removeQueries({ queryKey: [...key, id] }),
    onSettled: () => client.invalidateQueries({ queryKey: [...key, "found"] }),
  });
}
