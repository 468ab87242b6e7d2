// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { chosenOf } from "./chosen";

describe("the resources that an address names", () => {
  it.each([
    ["ids=a,b", ["study a", "study b"]],
    ["ids=a&ids=b", ["study a", "study b"]],
    ["ids=a,a,", ["study a"]],
    ["ids=a&series=s, t&instances=i", ["study a", "series s", "series t", "instance i"]],
    ["ids=", []],
    ["", []],
  ])("%s", (address, chosen) => {
    expect(chosenOf(new URLSearchParams(address)).map(({ level, id }) => `${level} ${id}`)).toEqual(chosen);
  });
});
