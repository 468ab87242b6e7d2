// SPDX-License-Identifier: GPL-3.0-or-later
/** What is done in the background over what Orthanc stores already: previews, replays, simulations. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Priority } from "./actions";
import { request } from "./client";
import type { List } from "./documents";
import type { PolicyDraft } from "./policyDocuments";
import type { Page } from "./deliveries";
import type {
  DeliveringRun,
  PreviewRequest,
  PreviewRun,
  ShownRunStudy as RunStudy,
  SimulationRun,
} from "./schema";

export type {
  DeliveringReport as ReplayReport,
  DestinationReference as RunDestination,
  PreviewReport,
  Sample,
  SimulatedHour,
  SimulationReport,
} from "./schema";
export type { RunStudy };

/** A run, with the request as it was checked. */
export type Run = (PreviewRun | DeliveringRun | SimulationRun) & {
  request: Selection & { draft?: unknown; days?: number };
  deliveries?: DeliveringRun["deliveries"];
};

export type RunKind = Run["kind"];
export const runKinds = ["preview", "replay", "route", "simulation"] as const satisfies readonly RunKind[];

export type RunState = Run["state"];
export const runStates = [
  "waiting",
  "running",
  "paused",
  "finished",
  "cancelled",
  "failed",
] as const satisfies readonly RunState[];

/** Which stored images are meant; nothing at all means everything that is stored. */
export type Selection = {
  [Part in "from" | "to" | "studies" | "resources"]?: NonNullable<PreviewRequest[Part]>;
};

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
