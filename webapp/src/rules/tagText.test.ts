// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { parseTags, writeTags } from "./tagText";

describe("tags as a person writes them", () => {
  it.each([
    ["Modality: CT", { Modality: "CT" }],
    ["Modality=CT\n\n  StudyDescription : CT chest ", { Modality: "CT", StudyDescription: "CT chest" }],
    ["StudyTime: 10:15:00", { StudyTime: "10:15:00" }],
    ["0008,0060: MR", { "0008,0060": "MR" }],
    ['0029,"A: B",10: x', { '0029,"A: B",10': "x" }],
    ["@RemoteAET:CT1", { "@RemoteAET": "CT1" }],
    ["AccessionNumber:", { AccessionNumber: "" }],
    ['{"Rows": 512}', { Rows: 512 }],
    ["", {}],
  ])("%j", (text, tags) => {
    expect(parseTags(text)).toEqual({ tags });
  });

  it("name the line that says nothing", () => {
    expect(parseTags("Modality: CT\nwhatever")).toEqual({ line: 2 });
    expect(parseTags("{broken")).toEqual({ line: 1 });
  });

  it("are written as they are read", () => {
    for (const tags of [{ Modality: "CT", PatientID: "1" }, { Rows: 512 }, {}]) {
      expect(parseTags(writeTags(tags))).toEqual({ tags });
    }
  });
});
