import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { ResourceExplanation, StoredStudy } from "./documents";

/** Every policy's verdict on a stored study, and its deliveries. */
export function useStudyExplanation(id: string) {
  return useQuery({
    queryKey: ["explanations", "studies", id],
    queryFn: ({ signal }) => request<ResourceExplanation>(`explain/studies/${id}`, { signal }),
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
