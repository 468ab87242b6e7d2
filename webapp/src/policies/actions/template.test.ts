import { describe, expect, it } from "vitest";
import { inserted } from "./template";

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
