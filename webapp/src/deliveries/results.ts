// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeliveryDetail } from "../api/deliveryDocuments";

/** The studies that what a delivery has made is in, each with the number of its images. */
export function resultsByStudy({
  lineage,
}: Pick<DeliveryDetail, "lineage">): [study: string, images: number][] {
  const images = new Map<string, Set<string>>();
  for (const { result } of lineage?.results ?? [])
    images.set(result.study, (images.get(result.study) ?? new Set()).add(result.id));
  return [...images].map(([study, ids]) => [study, ids.size]);
}
