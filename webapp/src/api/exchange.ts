// SPDX-License-Identifier: GPL-3.0-or-later
/** Policies and destinations as one document, for another router or for keeping. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Change, Imported } from "./schema";

export type ImportChange = Change;
export type ImportResult = Imported;

export const formats = ["yaml", "json"] as const;
export type Format = (typeof formats)[number];

/** All policies and destinations, without secrets, as a text in this format. */
export async function exported(format: Format): Promise<string> {
  const document = await request<unknown>("export", { filters: { format } });
  return typeof document === "string" ? document : `${JSON.stringify(document, null, 2)}\n`;
}

export interface Import {
  /** JSON or YAML, as it was exported. */
  text: string;
  /** Whether only to tell what would be changed. */
  dryRun: boolean;
  comment?: string;
}

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, dryRun, comment }: Import) =>
      request<ImportResult>("import", {
        method: "POST",
        body: { ...contentOf(text), dry_run: dryRun, comment },
      }),
    onSuccess: ({ dry_run: dryRun }) => (dryRun ? undefined : client.invalidateQueries()),
  });
}

/** JSON goes as it is; whatever is none is for the server to read as YAML. */
function contentOf(text: string): { document: unknown } | { yaml: string } {
  try {
    return { document: JSON.parse(text) as unknown };
  } catch {
    return { yaml: text };
  }
}
