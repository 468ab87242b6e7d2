// SPDX-License-Identifier: GPL-3.0-or-later
/** What rules are built of, and what the router says of them, as it crosses the API. */
import type { Evaluation, OperatorEntry, TagEntry } from "./schema";

export type {
  Evaluation,
  ExplainedCondition,
  ExplainedGroup,
  OperatorEntry as Operator,
  ResourceExplanation,
  Verdict as PolicyVerdict,
} from "./schema";

/** A tag of the dictionary; of one that the page suggests by itself, what it shows. */
export type Tag = Omit<TagEntry, "vm" | "retired"> & Partial<TagEntry>;

/** How many values an operator compares with. */
export type ValueForm = OperatorEntry["value"];
export type Explanation = Evaluation["explanation"];

/** A study as Orthanc itself describes it. */
export interface StoredStudy {
  ID: string;
  MainDicomTags: Partial<Record<string, string>>;
  PatientMainDicomTags: Partial<Record<string, string>>;
}
