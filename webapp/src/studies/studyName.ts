// SPDX-License-Identifier: GPL-3.0-or-later
import type { StoredStudy } from "../api/ruleDocuments";
import { dicomDate, personName } from "../layout/times";

/** A study in one line; the beginning of its identifier tells apart those that read the same. */
export function studyName({ ID, MainDicomTags: study, PatientMainDicomTags: patient }: StoredStudy): string {
  const parts = [
    personName(patient.PatientName ?? "") || patient.PatientID,
    study.StudyDescription,
    dicomDate(study.StudyDate ?? ""),
    study.AccessionNumber,
  ];
  return `${parts.filter(Boolean).join(" · ")} (${ID.slice(0, 8)})`;
}
