// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Transform } from "../../../api/actions";
import { changesMany, profileOf, projectOf, withProfile } from "./transform";

describe("de-identification", () => {
  it.each<[Transform, object | null]>([
    [{}, null],
    [{ anonymize: false }, null],
    [{ anonymize: true }, {}],
    [{ anonymize: { retain_dates: true } }, { retain_dates: true }],
  ])("of %j has the options %j", (transform, profile) => {
    expect(profileOf(transform)).toEqual(profile);
  });

  it("is plainly on where it has no options", () => {
    expect(withProfile({}, {}).anonymize).toBe(true);
    expect(withProfile({}, { retain_uids: false, retain_private: [] }).anonymize).toBe(true);
    expect(withProfile({}, { unknown_and_free_text: "remove" }).anonymize).toBe(true);
    expect(withProfile({ anonymize: true }, null).anonymize).toBe(false);
  });

  it.each([{ clean_graphics: true }, { unknown_and_free_text: "keep" as const }])(
    "is on with the option %j",
    (profile) => {
      expect(withProfile({}, profile).anonymize).toEqual(profile);
    },
  );

  it("keeps its options and all else, but decides about UIDs by itself", () => {
    const before: Transform = { uids: "regenerate", replace: { PatientID: "1" } };
    expect(withProfile(before, { retain_uids: true })).toEqual({
      anonymize: { retain_uids: true },
      uids: null,
      replace: { PatientID: "1" },
    });
  });
});

describe("pseudonyms", () => {
  it.each([
    [undefined, ""],
    [null, ""],
    ["Lungs", "Lungs"],
    ["@destination", "@destination d1"],
  ])("of the project %s are those of %j", (project, expected) => {
    expect(projectOf({ project }, "d1")).toBe(expected);
  });
});

describe("single tags can be kept", () => {
  it.each<[Transform, boolean]>([
    [{}, false],
    [{ replace: { PatientID: "1" } }, false],
    [{ uids: "keep" }, false],
    [{ uids: "regenerate" }, true],
    [{ anonymize: true }, true],
    [{ date_shift: 100 }, true],
    [{ remove_private: true }, true],
  ])("%j: %s", (transform, expected) => {
    expect(changesMany(transform)).toBe(expected);
  });
});
