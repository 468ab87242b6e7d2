// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Transform } from "./actions";
import { request } from "./client";
import type { List } from "./documents";
import type { Compared, ComparedTag, LibraryEntry, TransformTrial as Asked } from "./schema";
import type { TemplateSample } from "./templates";

/** What a transform makes of one image. */
export type TransformTrial = Compared;
export type { ComparedTag, LibraryEntry };

/** Whether the result would be stored here, where it would be sent to, and which image it is about. */
export type TransformTrialOptions = Required<Pick<Asked, "stored" | "destination" | "position">>;

/** What a transform makes of an image of a stored study; nothing is sent. */
export function useTransformTrial(
  transform: Transform,
  sample: TemplateSample | null,
  options: TransformTrialOptions,
) {
  const resource = sample?.resource ?? null;
  return useQuery({
    queryKey: ["transform", transform, resource, options],
    queryFn: ({ signal }) =>
      request<TransformTrial>("transforms/try", {
        method: "POST",
        body: { transform, resource, ...options },
        signal,
      }),
    enabled: resource !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** What is shipped, and what people have named in their policies. */
export function useRedactionLibrary() {
  return useQuery({
    queryKey: ["redactions"],
    queryFn: ({ signal }) => request<List<LibraryEntry>>("redactions", { signal }),
    select: (list) => list.items,
  });
}
