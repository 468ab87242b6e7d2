// SPDX-License-Identifier: GPL-3.0-or-later
import type { Run, RunDestination } from "../api/runs";
import { texts } from "../texts";

/** What a run is and whose, in one line. */
export function runTitle({ kind, policy }: Run): string {
  const draft = policy?.revision === null ? ` (${texts.runs.draft})` : "";
  return texts.runs.titleOf(texts.runs.kinds[kind], policy ? `${policy.name}${draft}` : "");
}

/** Where an action leads; one without a destination does its work in this Orthanc. */
export function destinationName(destination: RunDestination | null): string {
  return destination?.name ?? texts.runs.here;
}
