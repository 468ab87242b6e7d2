// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Place } from "../api/deliveryDocuments";
import { resultsByStudy } from "./results";

function place(study: string, id: string): Place {
  return { level: "instance", id, series: "", study };
}

describe("what a delivery has made", () => {
  it("is counted by study, an image made of several only once", () => {
    const results = [
      { source: place("s", "1"), result: place("a", "r1"), service: null },
      { source: place("s", "2"), result: place("a", "r1"), service: null },
      { source: place("s", "2"), result: place("a", "r2"), service: null },
      { source: place("s", "3"), result: place("b", "r3"), service: null },
    ];
    expect(resultsByStudy({ lineage: { results } })).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });
  it("is nothing for a delivery that only sends", () => {
    expect(resultsByStudy({ lineage: null })).toEqual([]);
  });
});
