// SPDX-License-Identifier: GPL-3.0-or-later
import type { Tag } from "../api/ruleDocuments";
import { definedValues } from "./suggestions";

/** How a value looks, by value representation (PS3.5 6.2); text is left out, because it can be any. */
const byRepresentation: Partial<Record<string, string>> = {
  AE: "CT_SCANNER_1",
  AS: "045Y",
  DA: "20260131",
  DS: "1.25",
  DT: "20260131143000",
  FD: "1.25",
  FL: "1.25",
  IS: "12",
  PN: "Doe^Jane",
  SL: "12",
  SS: "12",
  TM: "143000",
  UI: "1.2.840.10008.5.1.4.1.1.2",
  UL: "12",
  US: "512",
};

const longest = 40;

/** A value that the tag may well have: that of a stored image, or else one of its kind. */
export function exampleOf({ keyword, vr }: Tag, stored: Record<string, unknown> = {}): string | undefined {
  const value = stored[keyword];
  const known = typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  const example = known ?? definedValues(keyword)[0] ?? byRepresentation[vr.split(" or ")[0] ?? ""];
  return example && example.length > longest ? `${example.slice(0, longest)}…` : example;
}
