// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { PolicyDraft, RuleNode } from "./policyDocuments";
import type { CheckAnswer, MadeCase, PolicyWarning, StoredResource } from "./schema";

export type { MadeCase, PolicyWarning };

/** What is most likely not meant in a policy as it is being written; nothing is saved. */
export function useWarnings(draft: PolicyDraft, id: string | undefined) {
  return useQuery({
    queryKey: ["check", id, draft],
    queryFn: ({ signal }) =>
      request<CheckAnswer>(id === undefined ? "check" : `policies/${id}/check`, {
        method: "POST",
        body: { draft },
        signal,
      }),
    select: ({ warnings }) => warnings,
    placeholderData: keepPreviousData,
  });
}

/** Make an example of something that is stored, with nothing in it that tells whose it is. */
export function makeCase(resource: StoredResource, rule: RuleNode): Promise<MadeCase> {
  return request<MadeCase>("cases", { method: "POST", body: { resource, rule } });
}
