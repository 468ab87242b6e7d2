// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";
import type { FilledTemplate, TemplateFilter, TemplateTrial } from "./schema";

export type { TemplateFilter };

/** What a template is for: a text or HTML that is sent to people, a tag's new value, or a file's path. */
export type TemplateUse = NonNullable<TemplateTrial["use"]>;

/** Something stored that templates are tried with, and the name of the policy that has them; of a transform,
 * also its project. */
export type TemplateSample = Omit<TemplateTrial, "template" | "use">;

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
      request<FilledTemplate>("templates/fill", {
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
