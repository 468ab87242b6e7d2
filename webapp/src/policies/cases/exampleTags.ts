// SPDX-License-Identifier: GPL-3.0-or-later
import type { Tags } from "../../rules/tagText";

/** What an example must not carry of a real patient (a selection of PS3.15, Table E.1-1). */
const identifyingTags = new Set([
  "AccessionNumber",
  "OtherPatientIDs",
  "PatientAddress",
  "PatientBirthDate",
  "PatientID",
  "PatientName",
  "ReferringPhysicianName",
  "SeriesInstanceUID",
  "SOPInstanceUID",
  "StudyID",
  "StudyInstanceUID",
]);

/** The tags among these that may tell whose image it is. */
export function identifying(tags: Tags): string[] {
  return Object.keys(tags).filter((tag) => identifyingTags.has(tag));
}
