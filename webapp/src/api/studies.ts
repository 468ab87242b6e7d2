// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Lineage } from "./deliveryDocuments";
import type { Level } from "./documents";
import type { ResourceExplanation, StoredStudy } from "./ruleDocuments";
import type { StoredResource } from "./schema";

/** Something stored, at any level. */
export type ResourceReference = StoredResource;

/** What Orthanc and the router call the resources of each level in their addresses. */
export const resourcePaths = { instance: "instances", series: "series", study: "studies" } as const;

/** Every policy's verdict on a stored resource, and its deliveries. */
export function useExplanation(level: Level, id: string) {
  const path = resourcePaths[level];
  return useQuery({
    queryKey: ["explanations", path, id],
    queryFn: ({ signal }) => request<ResourceExplanation>(`explain/${path}/${id}`, { signal }),
  });
}

/** What a stored resource was made of, and what was made of it. */
export function useLineage(level: Level, id: string) {
  const path = resourcePaths[level];
  return useQuery({
    queryKey: ["lineage", path, id],
    queryFn: ({ signal }) => request<Lineage>(`lineage/${path}/${id}`, { signal }),
    enabled: id !== "",
  });
}

/** A study as Orthanc itself describes it; an error where it stores it no more. */
export function useStoredStudy(id: string) {
  return useQuery({
    queryKey: ["studies", id],
    queryFn: ({ signal }) => request<StoredStudy>(`../studies/${id}`, { signal }),
    enabled: id !== "",
    staleTime: 60_000,
  });
}

/** A series as Orthanc itself describes it. */
export interface StoredSeries {
  ID: string;
  Instances: string[];
  MainDicomTags: Partial<Record<string, string>>;
}

/** The series of a stored study, as Orthanc itself describes them. */
export function useSeriesOfStudy(id: string) {
  return useQuery({
    queryKey: ["studies", id, "series"],
    queryFn: ({ signal }) => request<StoredSeries[]>(`../studies/${id}/series`, { signal }),
    staleTime: 10_000,
  });
}

const searchable = ["PatientName", "PatientID", "AccessionNumber", "StudyDescription"];

/** What a search may mean: a part of one of these tags, or where it reads as a day (`2026-01-31`), that one. */
function queriesOf(text: string, modality: string): Record<string, string>[] {
  const among: Record<string, string> = modality ? { ModalitiesInStudy: modality } : {};
  return textQueriesOf(text).map((query) => ({ ...query, ...among }));
}

function textQueriesOf(text: string): Record<string, string>[] {
  if (text === "") return [{}];
  const day = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  const queries: Record<string, string>[] = searchable.map((tag) => ({ [tag]: `*${text}*` }));
  return day ? [{ StudyDate: day.slice(1).join("") }, ...queries] : queries;
}

/** Stored studies whose patient, accession number or description contains the text, or that were examined on
 * the day it names, of any modality or of one; asks Orthanc itself. */
export function useStudySearch(text: string, modality: string) {
  return useQuery({
    queryKey: ["studies", "found", text, modality],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(
        queriesOf(text.trim(), modality).map((query) =>
          request<StoredStudy[]>("../tools/find", {
            method: "POST",
            body: { Level: "Study", Query: query, Expand: true, Limit: 20 },
            signal,
          }),
        ),
      );
      return [...new Map(found.flat().map((study) => [study.ID, study])).values()].slice(0, 20);
    },
    placeholderData: keepPreviousData,
  });
}
