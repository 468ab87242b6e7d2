// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Tag } from "../api/ruleDocuments";
import { exampleOf } from "./examples";

const tag = (keyword: string, vr: string): Tag => ({ keyword, vr, name: keyword, tag: "0000,0000" });

describe("an example of a tag's value", () => {
  it.each([
    [tag("StudyDescription", "LO"), { StudyDescription: "CT CHEST" }, "CT CHEST"],
    [tag("StudyDescription", "LO"), { StudyDescription: " " }, undefined],
    [tag("StudyDescription", "LO"), {}, undefined],
    [tag("Modality", "CS"), {}, "CR"],
    [tag("StudyDate", "DA"), {}, "20260131"],
    [tag("SmallestImagePixelValue", "US or SS"), {}, "512"],
    [tag("RequestAttributesSequence", "SQ"), { RequestAttributesSequence: [{}] }, undefined],
    [tag("ImageComments", "LT"), { ImageComments: "x".repeat(50) }, `${"x".repeat(40)}…`],
  ])("%j with %j: %s", (one, stored, expected) => {
    expect(exampleOf(one, stored)).toBe(expected);
  });
});
