import { describe, expect, it } from "vitest";
import type { Explanation } from "../../api/documents";
import { identifying, tagsOf } from "./exampleTags";

function condition(tag: string, actual: unknown[], vr = "LO"): Explanation {
  return { tag, operator: "equals", value: "", actual, vr, matches: true };
}

describe("an example made of what a rule has found", () => {
  it.each<[string, Explanation, object]>([
    ["one tag", condition("Modality", ["CT"]), { Modality: "CT" }],
    ["what was absent is left out", condition("BodyPartExamined", []), {}],
    [
      "several values",
      condition("ImageType", ["ORIGINAL", "PRIMARY"]),
      { ImageType: ["ORIGINAL", "PRIMARY"] },
    ],
    ["one of several values", condition("ImageType[2]", ["AXIAL"]), { ImageType: ["", "", "AXIAL"] }],
    ["a fact of the arrival", condition("@RemoteAET", ["CT1"]), { "@RemoteAET": "CT1" }],
    ["a number", condition("Rows", [512], "US"), { Rows: 512 }],
    [
      "a path through sequences",
      condition("RequestAttributesSequence.ScheduledProtocolCodeSequence[1].CodeValue", ["X1"]),
      { RequestAttributesSequence: [{ ScheduledProtocolCodeSequence: [{}, { CodeValue: "X1" }] }] },
    ],
    [
      "a private tag whose creator has a dot",
      condition('0029,"ACME 1.2",10', ["x"]),
      { '0029,"ACME 1.2",10': "x" },
    ],
    [
      "a sequence",
      condition("RequestAttributesSequence", ["1 item"], "SQ"),
      { RequestAttributesSequence: [{}] },
    ],
    [
      "a date compared with its time",
      condition("StudyDate", ["20240517101500"], "DA"),
      { StudyDate: "20240517", StudyTime: "101500" },
    ],
  ])("%s", (_name, explanation, tags) => {
    expect(tagsOf(explanation)).toEqual(tags);
  });

  it("has the tags of all groups, and two of one sequence in one item", () => {
    const rule: Explanation = {
      group: "all",
      matches: false,
      children: [
        condition("ImageType[0]", ["ORIGINAL"]),
        { group: "not", matches: true, children: [condition("ImageType", ["ORIGINAL", "PRIMARY"])] },
        { group: "any", matches: true, children: [condition("A.B", ["1"]), condition("A.C", ["2"])] },
      ],
    };
    expect(tagsOf(rule)).toEqual({ ImageType: ["ORIGINAL", "PRIMARY"], A: [{ B: "1", C: "2" }] });
  });

  it("warns of what may tell whose image it is", () => {
    expect(identifying({ Modality: "CT", PatientID: "1", "@RemoteAET": "X" })).toEqual(["PatientID"]);
  });
});
