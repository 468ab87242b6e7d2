import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Lineage, ResourceExplanation, StoredStudy } from "./documents";

/** Every policy's verdict on a stored study, and its deliveries. */
export function useStudyExplanation(id: string) {
  return useQuery({
    queryKey: ["explanations", "studies", id],
    queryFn: ({ signal }) => request<ResourceExplanation>(`explain/studies/${id}`, { signal }),
  });
}

/** What a study was made of, and what was made of it. */
export function useStudyLineage(id: string) {
  return useQuery({
    queryKey: ["lineage", "studies", id],
    queryFn: ({ signal }) => request<Lineage>(`lineage/studies/${id}`, { signal }),
    enabled: id !== "",
  });
}

/** A study as Orthanc itself describes it; an error where it stores it no more. */
export function useStoredStudy(id: string) {
  return useQuery({
    queryKey: ["studies", id],
    queryFn: ({ signal }) => request<StoredStudy>(`../studies/${id}`, { signal }),
    staleTime: 60_000,
  });
}

const searchable = ["PatientName", "PatientID", "AccessionNumber", "StudyDescription"];

/** Stored studies whose patient, accession number or description contains the text; asks Orthanc itself. */
export function useStudySearch(text: string) {
  return useQuery({
    queryKey: ["studies", "found", text],
    queryFn: async ({ signal }) => {
      const wanted = text.trim() === "" ? [{}] : searchable.map((tag) => ({ [tag]: `*${text.trim()}*` }));
      const found = await Promise.all(
        wanted.map((query) =>
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
