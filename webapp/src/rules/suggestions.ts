// SPDX-License-Identifier: GPL-3.0-or-later
import type { Tag } from "../api/ruleDocuments";

/** What most rules ask for; offered before anything is typed. */
export const frequentTags: Tag[] = [
  { keyword: "Modality", name: "Modality", tag: "0008,0060", vr: "CS" },
  { keyword: "StudyDescription", name: "Study Description", tag: "0008,1030", vr: "LO" },
  { keyword: "SeriesDescription", name: "Series Description", tag: "0008,103E", vr: "LO" },
  { keyword: "BodyPartExamined", name: "Body Part Examined", tag: "0018,0015", vr: "CS" },
  { keyword: "StationName", name: "Station Name", tag: "0008,1010", vr: "SH" },
  { keyword: "InstitutionName", name: "Institution Name", tag: "0008,0080", vr: "LO" },
  { keyword: "ReferringPhysicianName", name: "Referring Physician's Name", tag: "0008,0090", vr: "PN" },
  { keyword: "PatientID", name: "Patient ID", tag: "0010,0020", vr: "LO" },
  { keyword: "StudyDate", name: "Study Date", tag: "0008,0020", vr: "DA" },
];

/** Values that are the same everywhere (PS3.3 C.7.3.1.1.1 and C.7.1.1; Orthanc's origins). */
const values: Record<string, string[]> = {
  Modality: [
    "CR",
    "CT",
    "DX",
    "ES",
    "MG",
    "MR",
    "NM",
    "OT",
    "PT",
    "RF",
    "RTSTRUCT",
    "SC",
    "SEG",
    "SR",
    "US",
    "XA",
  ],
  PatientSex: ["M", "F", "O"],
  "@Origin": ["DicomProtocol", "RestApi", "Plugins", "Lua", "WebDav"],
};

export function definedValues(tag: string): string[] {
  return values[tag] ?? [];
}
