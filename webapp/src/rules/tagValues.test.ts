// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { isPlain, valueText, withoutTag, withTag } from "./tagValues";

describe("rows of tags", () => {
  const values = { Modality: "CT", PatientID: "1", Rows: 512 };
  it("keep their order when one gets another tag", () => {
    expect(Object.entries(withTag(values, "PatientID", "PatientName") ?? {})).toEqual([
      ["Modality", "CT"],
      ["PatientName", "1"],
      ["Rows", 512],
    ]);
  });
  it("do not lose a row whose tag is given to another", () => {
    expect(withTag(values, "PatientID", "Modality")).toBeNull();
  });
  it("are as before when the tag stays", () => {
    expect(withTag(values, "Rows", "Rows")).toBe(values);
  });
  it("lose only what is taken away", () => {
    expect(withoutTag(values, "PatientID")).toEqual({ Modality: "CT", Rows: 512 });
  });
});

describe("a value", () => {
  it.each([
    ["CT", "CT", true],
    [512, "512", true],
    [["ORIGINAL", "PRIMARY"], "ORIGINAL\\PRIMARY", true],
    [null, "", true],
    [[{ CodeValue: "1" }], '{"CodeValue":"1"}', false],
  ])("%j reads %s", (value, text, plain) => {
    expect(valueText(value)).toBe(text);
    expect(isPlain(value)).toBe(plain);
  });
});
