import type { Selection } from "../api/runs";

/** Since when images may have come in, in hours; `all` is everything that is stored. */
export const spans = { day: 24, week: 7 * 24, month: 30 * 24, all: null } as const;
export type Span = keyof typeof spans | "between";

/** What a person says of the stored images that are meant; empty says nothing. */
export interface Choice {
  span: Span;
  /** Received on these days and those between, as `2026-01-31`. */
  from: string;
  to: string;
  patient: string;
  accession: string;
  description: string;
  /** Examined on these days and those between, as `2026-01-31`. */
  examinedFrom: string;
  examinedTo: string;
}

export const usualChoice: Choice = {
  span: "week",
  from: "",
  to: "",
  patient: "",
  accession: "",
  description: "",
  examinedFrom: "",
  examinedTo: "",
};

/** The choice as the server takes it; days are those of the viewer's zone. */
export function selectionOf(choice: Choice, now: number): Selection {
  const studies = queryOf(choice);
  return { ...receivedOf(choice, now), ...(Object.keys(studies).length > 0 ? { studies } : {}) };
}

function receivedOf({ span, from, to }: Choice, now: number): Selection {
  if (span === "between") {
    return {
      ...(from ? { from: startOf(from, 0) } : {}),
      ...(to ? { to: startOf(to, 1) } : {}),
    };
  }
  const hours = spans[span];
  return hours === null ? {} : { from: new Date(now - hours * 3_600_000).toISOString() };
}

/** The beginning of a day, or of one some days later. */
function startOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Attributes as C-FIND matches them (PS3.4 C.2.2.2): wild cards in texts, a hyphen between dates. */
function queryOf({
  patient,
  accession,
  description,
  examinedFrom,
  examinedTo,
}: Choice): Record<string, string> {
  const query: Record<string, string> = {
    PatientID: patient.trim(),
    AccessionNumber: accession.trim(),
    StudyDescription: description.trim() && `*${description.trim()}*`,
    StudyDate: examinedFrom || examinedTo ? `${dicom(examinedFrom)}-${dicom(examinedTo)}` : "",
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}

function dicom(day: string): string {
  return day.replaceAll("-", "");
}
