// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { dicomDate, personName, relativeTime } from "./times";

describe("times in words", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");
  it.each([
    ["2026-01-31T11:59:55Z", "now"],
    ["2026-01-31T11:59:20Z", "40 sec. ago"],
    ["2026-01-31T11:57:01Z", "2 min. ago"],
    ["2026-01-31T14:30:00Z", "in 2 hr."],
    ["2026-01-30T11:00:00Z", "yesterday"],
  ])("%s is %s", (at, words) => {
    expect(relativeTime(at, now)).toBe(words);
  });
  it("are dates beyond a week", () => {
    expect(relativeTime("2025-11-02T12:00:00Z", now)).toContain("2025");
  });
});

describe("DICOM values as people read them", () => {
  it.each([
    ["Doe^Jane", "Doe, Jane"],
    ["Doe^Jane^M^Dr", "Doe, Jane M Dr"],
    ["Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田, 太郎 · やまだ, たろう)"],
    ["=山田^太郎", "山田, 太郎"],
    ["^Jane", "Jane"],
    ["ACME", "ACME"],
    ["", ""],
  ])("person name %j", (value, words) => {
    expect(personName(value)).toBe(words);
  });
  it("dates, and what is none as it is", () => {
    expect(dicomDate("20040119")).toMatch(/19.*2004|2004/);
    expect(dicomDate("unknown")).toBe("unknown");
  });
});
