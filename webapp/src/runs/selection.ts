// SPDX-License-Identifier: GPL-3.0-or-later
import type { Selection } from "../api/runs";

/** Since when images may have come in, in hours; `all` is everything that is stored. */
export const spans = { day: 24, week: 7 * 24, month: 30 * 24, all: null } as const;
export type Span = keyof typeof spans | "between";

/** What a person says of the stored images that are meant; empty says nothing. */
export interface Choice {
  span: Span;
  /** Received on these days (`2026-01-31`) and those between; with a time (`14:30`) since then, or before. */
  from: string;
  fromTime: string;
  to: string;
  toTime: string;
  patient: string;
  accession: string;
  description: string;
  /** Of which the study has one at least. */
  modalities: string[];
  /** Examined on these days and those between, as `2026-01-31`. */
  examinedFrom: string;
  examinedTo: string;
}

export const usualChoice: Choice = {
  span: "week",
  from: "",
  fromTime: "",
  to: "",
  toTime: "",
  patient: "",
  accession: "",
  description: "",
  modalities: [],
  examinedFrom: "",
  examinedTo: "",
};

/** The choice as the server takes it; days are those of the viewer's zone. */
export function selectionOf(choice: Choice, now: number): Selection {
  const studies = queryOf(choice);
  return { ...receivedOf(choice, now), ...(Object.keys(studies).length > 0 ? { studies } : {}) };
}

function receivedOf({ span, from, fromTime, to, toTime }: Choice, now: number): Selection {
  if (span === "between") {
    return {
      ...(from ? { from: instant(from, fromTime) } : {}),
      ...(to ? { to: toTime ? instant(to, toTime) : instant(to, "", 1) } : {}),
    };
  }
  const hours = spans[span];
  return hours === null ? {} : { from: new Date(now - hours * 3_600_000).toISOString() };
}

/** A time of a day, its beginning where no time is given; or the same some days later. */
function instant(day: string, time: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return new Date(year, month - 1, date + later, hours, minutes).toISOString();
}

/** Attributes as C-FIND matches them (PS3.4 C.2.2.2): wild cards in texts, a hyphen between dates, a backslash
 * between values of which one is enough. */
function queryOf({
  patient,
  accession,
  description,
  modalities,
  examinedFrom,
  examinedTo,
}: Choice): Record<string, string> {
  const query: Record<string, string> = {
    PatientID: patient.trim(),
    AccessionNumber: accession.trim(),
    StudyDescription: description.trim() && `*${description.trim()}*`,
    ModalitiesInStudy: modalities.join("\\"),
    StudyDate: examinedFrom || examinedTo ? `${dicom(examinedFrom)}-${dicom(examinedTo)}` : "",
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}

function dicom(day: string): string {
  return day.replaceAll("-", "");
}
