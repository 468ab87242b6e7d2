// SPDX-License-Identifier: GPL-3.0-or-later
import { useQuery } from "@tanstack/react-query";
import { request } from "./client";

/** Tags with few different values that Orthanc keeps in its database, by the level at which it keeps them. */
const levelOf: Partial<Record<string, "Study" | "Series">> = {
  InstitutionName: "Study",
  StudyDescription: "Study",
  ReferringPhysicianName: "Study",
  BodyPartExamined: "Series",
  Manufacturer: "Series",
  Modality: "Series",
  OperatorsName: "Series",
  ProtocolName: "Series",
  SeriesDescription: "Series",
  StationName: "Series",
};

/** How many studies or series are looked at; enough to have seen what is usual. */
const looked = 500;
const most = 50;

interface StoredResource {
  MainDicomTags: Partial<Record<string, string>>;
}

/** The values that a tag has in what is stored, the most frequent first; nothing for tags with many values. */
export function useStoredValues(tag: string) {
  const level = levelOf[tag];
  return useQuery({
    queryKey: ["stored values", level],
    queryFn: ({ signal }) =>
      request<StoredResource[]>("../tools/find", {
        method: "POST",
        body: { Level: level, Query: {}, Expand: true, Limit: looked },
        signal,
      }),
    select: (resources) => frequentValues(resources.map(({ MainDicomTags: tags }) => tags[tag] ?? "")),
    enabled: level !== undefined,
    staleTime: 5 * 60_000,
    // Suggestions only; who may not see what is stored does without.
    retry: false,
  });
}

/** Each different value once, the most frequent first. */
export function frequentValues(values: string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values.map((one) => one.trim()).filter(Boolean))
    counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .toSorted(([a, timesA], [b, timesB]) => timesB - timesA || a.localeCompare(b))
    .slice(0, most)
    .map(([value]) => value);
}
