// SPDX-License-Identifier: GPL-3.0-or-later
import type { Level } from "../api/documents";
import type { ResourceReference } from "../api/studies";

/** By which names resources of each level are in the address: Orthanc Explorer 2 only knows of studies. */
const names: [name: string, level: Level][] = [
  ["ids", "study"],
  ["series", "series"],
  ["instances", "instance"],
];

/** The resources that an address such as `studies?ids=a,b&series=c` names, each once. */
export function chosenOf(address: URLSearchParams): ResourceReference[] {
  return names.flatMap(([name, level]) => {
    const ids = address.getAll(name).flatMap((value) => value.split(","));
    return [...new Set(ids.map((id) => id.trim()).filter(Boolean))].map((id) => ({ level, id }));
  });
}
