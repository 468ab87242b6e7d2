// SPDX-License-Identifier: GPL-3.0-or-later
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type {
  Destination,
  DestinationDraft,
  DestinationKind,
  HostKey,
  Modality,
  TestResult,
} from "./destinationDocuments";
import type { List } from "./documents";

const key = ["destinations"] as const;

/** All destinations by name. */
export function useDestinations() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request<List<Destination>>("destinations", { filters: { limit: 1000 }, signal }),
    select: (list) => list.items.toSorted((a, b) => a.name.localeCompare(b.name)),
  });
}

export function useDestination(id: string | undefined) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => request<Destination>(`destinations/${id ?? ""}`, { signal }),
    enabled: id !== undefined,
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Read a destination as it is stored now. */
export function fetchDestination(id: string): Promise<Destination> {
  return request<Destination>(`destinations/${id}`);
}

export function useDestinationKinds() {
  return useQuery({
    queryKey: ["destination-kinds"],
    queryFn: ({ signal }) => request<List<DestinationKind>>("destination-kinds", { signal }),
    select: (list) => list.items,
    staleTime: Infinity,
  });
}

export function useModalities(enabled: boolean) {
  return useQuery({
    queryKey: ["modalities"],
    queryFn: ({ signal }) => request<List<Modality>>("modalities", { signal }),
    select: (list) => list.items,
    enabled,
  });
}

export interface DestinationSave {
  draft: DestinationDraft;
  /** Absent for a destination that does not exist yet. */
  existing?: { id: string; revision: number };
}

export function useSaveDestination() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, existing }: DestinationSave) =>
      existing
        ? request<Destination>(`destinations/${existing.id}`, {
            method: "PUT",
            body: draft,
            revision: existing.revision,
          })
        : request<Destination>("destinations", { method: "POST", body: draft }),
    onSuccess: (destination) => {
      client.setQueryData([...key, destination.id], destination);
      return client.invalidateQueries({ queryKey: key, exact: true });
    },
  });
}

/** Resume a destination, or pause it: its deliveries wait. */
export function useSwitchDestination() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
      request<Destination>(`destinations/${id}/${enabled ? "enable" : "disable"}`, { method: "POST" }),
    onMutate: ({ id, enabled }) => {
      client.setQueryData<List<Destination>>(
        key,
        (list) =>
          list && { ...list, items: list.items.map((one) => (one.id === id ? { ...one, enabled } : one)) },
      );
    },
    onSettled: () => {
      // How its queue is is told with the health.
      void client.invalidateQueries({ queryKey: ["health"] });
      return client.invalidateQueries({ queryKey: key });
    },
  });
}

export function useDeleteDestination() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<undefined>(`destinations/${id}`, { method: "DELETE" }),
    onSuccess: (_nothing, id) => client.removeQueries({ queryKey: [...key, id] }),
    onSettled: () => client.invalidateQueries({ queryKey: key, exact: true }),
  });
}

export type TestTarget = { id: string } | { draft: DestinationDraft; id?: string | undefined };

/**
 * Try whether a destination answers: a stored one by its id, or a draft before it is saved. A draft with the
 * id of what it is to replace is tried with the secrets that are stored there.
 */
export function useTestDestination() {
  return useTest("test");
}

/** Send a made-up image, as a delivery would. */
export function useSendTestImage() {
  return useTest("test-image");
}

function useTest(route: "test" | "test-image") {
  return useMutation({
    mutationFn: (target: TestTarget) =>
      "draft" in target
        ? request<TestResult>(`destinations/${route}`, {
            method: "POST",
            body: { ...target.draft, id: target.id },
          })
        : request<TestResult>(`destinations/${target.id}/${route}`, { method: "POST" }),
  });
}

/** Ask an SSH server for the key that it shows now. */
export function useHostKey() {
  return useMutation({
    mutationFn: (server: { host: string; port: number }) =>
      request<HostKey>("destinations/host-key", { method: "POST", body: server }),
  });
}

/** The names under which Orthanc's own configuration knows other servers. */
export function useAliases(route: "peers" | "dicom-web/servers", enabled: boolean) {
  return useQuery({
    queryKey: ["aliases", route],
    queryFn: ({ signal }) => request<string[]>(`../${route}`, { signal }),
    enabled,
  });
}
