// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Level, List } from "./documents";
import type { RuleNode } from "./policyDocuments";
import type { Evaluation, Operator, Tag } from "./ruleDocuments";

export function useOperators() {
  return useQuery({
    queryKey: ["operators"],
    queryFn: ({ signal }) => request<List<Operator>>("operators", { signal }),
    select: (list) => list.items,
    staleTime: Infinity,
  });
}

/** Tags whose keyword, name or number fits, best first. */
export function useTagSearch(query: string, enabled: boolean) {
  return useQuery({
    queryKey: ["tags", query],
    queryFn: ({ signal }) => request<List<Tag>>("tags", { filters: { query, limit: 30 }, signal }),
    select: (list) => list.items,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    enabled,
  });
}

/** What the dictionary says of exactly this keyword or number; null where it does not know it. */
export function useTag(name: string) {
  return useQuery({
    queryKey: ["tag", name],
    queryFn: async ({ signal }) => {
      const found = await request<List<Tag>>("tags", { filters: { query: name, limit: 30 }, signal });
      const bare = name.replace(/[(),\s]/g, "").toLowerCase();
      return (
        found.items.find(
          (tag) =>
            tag.keyword === name || (bare !== "" && tag.tag.replace(/[(),\s]/g, "").toLowerCase() === bare),
        ) ?? null
      );
    },
    staleTime: Infinity,
    enabled: name !== "",
  });
}

export type EvaluationSubject =
  { tags: Record<string, unknown> } | { resource: { level: Level; id: string } };

/** Compare a rule of a level with given tags, or with something Orthanc stores; nothing is stored or sent. */
export function useEvaluation(rule: RuleNode, level: Level, subject: EvaluationSubject | null) {
  return useQuery({
    queryKey: ["evaluation", rule, level, subject],
    queryFn: ({ signal }) =>
      request<Evaluation>("evaluate", { method: "POST", body: { rule, level, ...subject }, signal }),
    enabled: subject !== null,
    placeholderData: keepPreviousData,
  });
}
