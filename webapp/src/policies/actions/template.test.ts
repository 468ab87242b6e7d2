// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { filtered, inserted, templatesIn } from "./template";

describe("a tag put into a template", () => {
  it.each([
    ["CT ", 3, "PatientID", "CT {{ PatientID }}"],
    ["CT  here", 3, "AccessionNumber", "CT {{ AccessionNumber }} here"],
    ["", 0, "0008,1030", '{{ tag("0008,1030") }}'],
    ["", 0, "RequestAttributesSequence[0].StudyID", '{{ tag("RequestAttributesSequence[0].StudyID") }}'],
    ["", 0, '0029,"SIEMENS CSA HEADER",10', `{{ tag('0029,"SIEMENS CSA HEADER",10') }}`],
    ["", 0, "(0008,1030)", `{{ tag("(0008,1030)") }}`],
    ["", 0, "pseudonym(PatientID)", "{{ pseudonym(PatientID) }}"],
  ])("%j at %d: %s", (template, at, expression, expected) => {
    expect(inserted(template, at, expression)).toBe(expected);
  });
});

describe("a filter", () => {
  it.each([
    ["CT {{ StudyDate }}", 18, "CT {{ StudyDate | date }}"],
    ["{{ A }} {{ B }}", 4, "{{ A | date }} {{ B }}"],
    ["{{ A }} {{ B }}", 7, "{{ A | date }} {{ B }}"],
    ["{{ A }} {{ B }}", 11, "{{ A }} {{ B | date }}"],
    ["{{ A }} {{ B }}", 0, "{{ A | date }} {{ B }}"],
    ["plain", 2, "plain"],
  ])("is used on the value before the cursor: %j at %d", (template, at, expected) => {
    expect(filtered(template, at, "date")).toBe(expected);
  });
});

describe("the templates of a document", () => {
  it("are found with their places, whatever is around them", () => {
    const document = {
      patient: { name: "{{ PatientName }}", age: 7, note: null },
      codes: ["fixed", "{{ Modality }}"],
    };
    expect(templatesIn(document)).toEqual([
      { place: "patient.name", template: "{{ PatientName }}" },
      { place: "codes[1]", template: "{{ Modality }}" },
    ]);
  });

  it("are none in what is no document yet", () => {
    expect(templatesIn('{"name": "{{ PatientName }}"')).toEqual([]);
    expect(templatesIn(null)).toEqual([]);
  });
});
