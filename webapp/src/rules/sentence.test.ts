// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { RuleNode } from "../api/policyDocuments";
import { sentence, tagWords } from "./sentence";

const ct: RuleNode = { tag: "Modality", operator: "equals", value: "CT" };

describe("a rule as a sentence", () => {
  it.each<[RuleNode, string]>([
    [{ all: [] }, "Every image."],
    [{ any: [] }, "No image."],
    [{ not: { any: [] } }, "Every image."],
    [ct, "Each image for which Modality is “CT”."],
    [{ not: ct }, "Each image for which not (Modality is “CT”)."],
    [
      {
        all: [
          ct,
          {
            any: [
              { tag: "StudyDescription", operator: "contains", value: "chest" },
              { tag: "BodyPartExamined", operator: "in", value: ["CHEST", "LUNG"] },
            ],
          },
        ],
      },
      "Each image for which Modality is “CT” and (Study Description contains “chest” or Body Part Examined is one of “CHEST”, “LUNG”).",
    ],
    [
      { all: [{ tag: "Rows", operator: "between", value: [256, 512] }] },
      "Each image for which Rows is between 256 and 512.",
    ],
    [
      { all: [{ tag: "AccessionNumber", operator: "missing" }] },
      "Each image for which Accession Number is missing or empty.",
    ],
    [
      { all: [{ tag: "", operator: "equals", value: "" }] },
      "Each image for which (no tag yet) is (no value yet).",
    ],
  ])("%j", (rule, expected) => {
    expect(sentence(rule, "instance")).toBe(expected);
  });

  it("speaks of the level at which the policy fires", () => {
    expect(sentence(ct, "study")).toMatch(/^Each study with an image for which/);
  });

  it.each([
    ["PatientID", "Patient ID"],
    [
      "RequestAttributesSequence.ScheduledProcedureStepID",
      "Request Attributes Sequence › Scheduled Procedure Step ID",
    ],
    ["0008,1030", "0008,1030"],
    ["@RemoteAET", "AE title of the sender"],
  ])("names %s %s", (tag, words) => {
    expect(tagWords(tag)).toBe(words);
  });
});
