import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Level, List } from "./documents";

/** What a template is for: a text or HTML that is sent to people, a tag's new value, or a file's path. */
export type TemplateUse = "text" | "html" | "value" | "path";

/** Something stored that templates are tried with, and the name of the policy that has them. */
export interface TemplateSample {
  resource: { level: Level; id: string };
  policy: string;
  /** The project of the transform that a template is of. */
  project?: string;
}

/** What a template can do to a value: `{{ StudyDate | date }}`. */
export interface TemplateFilter {
  name: string;
  /** What it takes beside the value, in order. */
  arguments: string[];
  /** In English. */
  documentation: string;
}

/** All filters, once they are wanted. */
export function useTemplateFilters(wanted: boolean) {
  return useQuery({
    queryKey: ["template-filters"],
    queryFn: ({ signal }) => request<List<TemplateFilter>>("template-filters", { signal }),
    select: (list) => list.items,
    enabled: wanted,
    staleTime: Infinity,
  });
}

/** What a template says of a stored study; nothing is sent. */
export function useFilledTemplate(template: string, use: TemplateUse, sample: TemplateSample | null) {
  return useQuery({
    queryKey: ["template", template, use, sample],
    queryFn: ({ signal }) =>
      request<{ text: string }>("templates/fill", {
        method: "POST",
        body: { template, use, ...sample },
        signal,
      }),
    select: ({ text }) => text,
    enabled: sample !== null && template.includes("{"),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
