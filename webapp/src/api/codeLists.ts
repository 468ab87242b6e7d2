// SPDX-License-Identifier: GPL-3.0-or-later
/** Lists of codes: what a project calls its patients in the place of derived pseudonyms. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { List } from "./documents";
import type { CodeList, CodeListDraft, CodeListImported, CodeListRevision, OfProject } from "./schema";

export type { CodeList, CodeListDraft, CodeListImported, CodeListRevision, OfProject };

/** What becomes of images of patients who are not in the list. */
export const misses = [
  "derive",
  "hold",
  "refuse",
] as const satisfies readonly CodeList["current"]["on_miss"][];
export type Miss = (typeof misses)[number];

const key = ["codeLists"];

/** The list of a project; null where it has none. */
export function useCodeList({ project, destination }: OfProject) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request<List<CodeList>>("pseudonyms/lists", { signal }),
    select: ({ items }) =>
      items.find((one) => one.project === project && one.destination === destination) ?? null,
  });
}

/** Import a list, or look what that would do. */
export function useImportCodes() {
  return useChange((draft: CodeListDraft) =>
    request<CodeListImported>("pseudonyms/lists", { method: "POST", body: draft }),
  );
}

/** Have the list again that the current one has replaced. */
export function useUndoCodes() {
  return useChange((of: OfProject) =>
    request<CodeList>("pseudonyms/lists/undo", { method: "POST", body: of }),
  );
}

/** Take a list away for good. */
export function useDeleteCodes() {
  return useChange(({ project, destination }: OfProject) => {
    const whose = destination ? `${project} ${destination}` : project;
    return request(`pseudonyms/lists/${encodeURIComponent(whose)}`, { method: "DELETE" });
  });
}

/** The list as CSV. */
export function useExportCodes() {
  return useMutation({
    mutationFn: async (of: OfProject) => {
      const text = await request<string>("pseudonyms/lists/export", { method: "POST", body: of });
      // With the mark by which spreadsheets know UTF-8; reading has taken it away.
      return new Blob(["\ufeff", text], { type: "text/csv" });
    },
  });
}

function useChange<Asked, Answer>(change: (asked: Asked) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    // What transforms make of images may be another now, too.
    onSettled: () =>
      Promise.all([key, ["transform"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** A file of a spreadsheet as text. Letters that are not UTF-8 become such as the router refuses, by row. */
export async function textOf(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
