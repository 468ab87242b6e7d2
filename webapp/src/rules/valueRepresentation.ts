// SPDX-License-Identifier: GPL-3.0-or-later
import type { ConditionValue } from "../api/policyDocuments";
import type { Operator, ValueForm } from "../api/ruleDocuments";

/** How a value is typed in, by the tag's value representation (PS3.5 6.2). */
export type ValueKind = "text" | "number" | "date" | "time" | "dateTime" | "age" | "code";

const kinds: Record<string, ValueKind> = {
  DS: "number",
  IS: "number",
  FL: "number",
  FD: "number",
  US: "number",
  SS: "number",
  UL: "number",
  SL: "number",
  SV: "number",
  UV: "number",
  DA: "date",
  TM: "time",
  DT: "dateTime",
  AS: "age",
  UI: "code",
  CS: "text",
};

export function valueKind(vr: string | undefined): ValueKind {
  return kinds[vr?.split(" or ")[0] ?? ""] ?? "text";
}

/** What Orthanc knows about the arrival has no entry in the dictionary. */
const factRepresentations: Record<string, string> = {
  "@RemoteAET": "AE",
  "@CalledAET": "AE",
  "@RemoteIP": "LO",
  "@Origin": "CS",
  "@Username": "LO",
  "@TransferSyntax": "UI",
  "@InstanceCount": "IS",
  "@SeriesCount": "IS",
};

export function factRepresentation(tag: string): string | undefined {
  return factRepresentations[tag];
}

/** The tag that a path through sequences ends at: the one whose values are compared. */
export function lastOfPath(tag: string): string {
  if (tag.includes('"')) return tag;
  return (tag.split(".").at(-1) ?? "").replace(/\[\d+\]$/, "").trim();
}

/** Whether an operator makes sense for a value representation; an unknown one rules nothing out. */
export function fits(operator: Operator, vr: string | undefined): boolean {
  if (!vr || operator.vrs.length === 0) return true;
  return operator.vrs.includes(vr) || vr.split(" or ").some((one) => operator.vrs.includes(one));
}

/** Only these compare text, where capital and small letters can be told apart. */
const textComparisons = new Set(["equals", "contains", "starts_with", "ends_with", "matches", "in"]);

export function comparesText(operator: string, vr: string | undefined): boolean {
  return textComparisons.has(operator.replace(/^not_/, "")) && valueKind(vr) === "text";
}

/** A value brought into the form that an operator takes, keeping what was typed where it can be. */
export function fitValue(
  value: ConditionValue | null | undefined,
  form: ValueForm,
): ConditionValue | undefined {
  const values = value === undefined || value === null ? [] : typeof value === "object" ? value : [value];
  const filled = values.filter((one) => one !== "");
  switch (form) {
    case "none":
      return undefined;
    case "one":
      return filled[0] ?? "";
    case "two":
      return [filled[0] ?? "", filled[1] ?? ""];
    case "list":
      return filled;
  }
}

/** What was typed, as a number where the tag holds numbers and the text is one and reads the same. */
export function typed(text: string, kind: ValueKind): string | number {
  return kind === "number" && text !== "" && String(Number(text)) === text ? Number(text) : text;
}
