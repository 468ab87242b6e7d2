import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { ResourceExplanation } from "./documents";

/** Every policy's verdict on a stored study, and its deliveries. */
export function useStudyExplanation(id: string) {
  return useQuery({
    queryKey: ["explanations", "studies", id],
    queryFn: ({ signal }) => request<ResourceExplanation>(`explain/studies/${id}`, { signal }),
  });
}
