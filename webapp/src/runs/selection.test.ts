// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { selectionOf, usualChoice } from "./selection";

const now = Date.parse("2026-05-20T10:00:00Z");

describe("which stored images are meant", () => {
  it("begins with what came in lately", () => {
    expect(selectionOf(usualChoice, now)).toEqual({ from: "2026-05-13T10:00:00.000Z" });
  });
  it("is everything where nothing is said", () => {
    expect(selectionOf({ ...usualChoice, span: "all" }, now)).toEqual({});
  });
  it("takes whole days of the viewer", () => {
    const { from = "", to = "" } = selectionOf(
      { ...usualChoice, span: "between", from: "2026-01-30", to: "2026-01-31" },
      now,
    );
    expect(new Date(from)).toEqual(new Date(2026, 0, 30));
    expect(new Date(to)).toEqual(new Date(2026, 1, 1));
    expect(selectionOf({ ...usualChoice, span: "between", from: "2026-01-30" }, now)).not.toHaveProperty(
      "to",
    );
  });
  it("takes the time of day where one is given", () => {
    const times = { from: "2026-01-30", fromTime: "14:30", to: "2026-01-30", toTime: "16:00" };
    const { from = "", to = "" } = selectionOf({ ...usualChoice, span: "between", ...times }, now);
    expect(new Date(from)).toEqual(new Date(2026, 0, 30, 14, 30));
    expect(new Date(to)).toEqual(new Date(2026, 0, 30, 16));
  });
  it("finds studies by what a person knows", () => {
    const known = {
      patient: " P1 ",
      accession: "A*",
      description: "chest",
      modalities: ["CT", "MR"],
      examinedFrom: "2026-01-30",
    };
    expect(selectionOf({ ...usualChoice, ...known, span: "all" }, now)).toEqual({
      studies: {
        PatientID: "P1",
        AccessionNumber: "A*",
        StudyDescription: "*chest*",
        ModalitiesInStudy: "CT\\MR",
        StudyDate: "20260130-",
      },
    });
  });
});
