// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { frequentValues } from "./storedValues";

describe("suggested values", () => {
  it("are each there once, the most frequent first", () => {
    expect(frequentValues(["MR", "CT", "CT ", "", "AB", "CT"])).toEqual(["CT", "AB", "MR"]);
  });
  it("are not too many to look through", () => {
    expect(frequentValues(Array.from({ length: 200 }, (_, index) => String(index)))).toHaveLength(50);
  });
});
