import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Redaction, Transform } from "./actions";
import { request } from "./client";
import type { List } from "./documents";
import type { TemplateSample } from "./templates";

/** One tag of an image before and after; null where it is absent. */
export interface ComparedTag {
  tag: string;
  name: string;
  before: string | null;
  after: string | null;
  changed: boolean;
}

/** What a transform makes of one image. */
export interface TransformTrial {
  /** Which image of the study it is, from 0, and of how many. */
  position: number;
  images: number;
  tags: ComparedTag[];
  /** Pictures as PNG in Base64; null where there are no pixels to show. */
  pixels: { before: string | null; after: string | null };
  remarks: string[];
  /** Why the image cannot be changed. */
  problem: string | null;
}

export interface TransformTrialOptions {
  /** Whether the result would be stored in this Orthanc. */
  stored: boolean;
  /** Where it would be sent to. */
  destination: string;
  /** Which image, from 0; null means the one in the middle. */
  position: number | null;
}

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

/** A redaction to take over, and the names of the policies that have it; none for one that is shipped. */
export interface LibraryEntry {
  redaction: Redaction;
  policies: string[];
}

/** What is shipped, and what people have named in their policies. */
export function useRedactionLibrary() {
  return useQuery({
    queryKey: ["redactions"],
    queryFn: ({ signal }) => request<List<LibraryEntry>>("redactions", { signal }),
    select: (list) => list.items,
  });
}
