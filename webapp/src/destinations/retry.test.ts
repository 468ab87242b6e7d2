// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { spanOf } from "./retry";

describe("all attempts together take", () => {
  it.each([
    [1, 5, 3600, 0],
    [2, 5, 3600, 5],
    [4, 5, 3600, 5 + 10 + 20],
    [4, 5, 12, 5 + 10 + 12],
    [1000, 60, 60, 999 * 60],
  ])("%d attempts, %d s at first, %d s at most: %d s", (attempts, initial_seconds, max_seconds, expected) => {
    expect(spanOf({ attempts, initial_seconds, max_seconds })).toBe(expected);
  });
});
