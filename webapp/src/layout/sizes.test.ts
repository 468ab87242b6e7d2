// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { size } from "./sizes";

describe("amounts of data", () => {
  it.each([
    [0, "0 byte"],
    [999, "999 byte"],
    [1000, "1 kB"],
    [3_440_000, "3.4 MB"],
    [2e9, "2 GB"],
    [5e16, "50,000 TB"],
  ])("%d is %s", (bytes, words) => {
    expect(size(bytes)).toBe(words);
  });
});
