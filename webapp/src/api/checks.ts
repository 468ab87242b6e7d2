import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { request, type Fault } from "./client";
import type { Level } from "./documents";
import type { Case, PolicyDraft, RuleNode } from "./policyDocuments";

/** Something in a policy that most likely is not meant; nothing of it keeps anybody from saving it. */
export interface PolicyWarning {
  code: string;
  path: string;
  message: string;
  /** The other policies that have to do with it. */
  policies?: { id: string; name: string }[];
  destination?: { id: string; name: string } | null;
}

interface Check {
  ok: boolean;
  problems: Fault[];
  warnings: PolicyWarning[];
}

/** What is most likely not meant in a policy as it is being written; nothing is saved. */
export function useWarnings(draft: PolicyDraft, id: string | undefined) {
  return useQuery({
    queryKey: ["check", id, draft],
    queryFn: ({ signal }) =>
      request<Check>(id === undefined ? "check" : `policies/${id}/check`, {
        method: "POST",
        body: { draft },
        signal,
      }),
    select: ({ warnings }) => warnings,
    placeholderData: keepPreviousData,
  });
}

/** An example, and what a person should know of it. */
export type MadeCase = Case & { notes: string[] };

/** Make an example of something that is stored, with nothing in it that tells whose it is. */
export function makeCase(resource: { level: Level; id: string }, rule: RuleNode): Promise<MadeCase> {
  return request<MadeCase>("cases", { method: "POST", body: { resource, rule } });
}
