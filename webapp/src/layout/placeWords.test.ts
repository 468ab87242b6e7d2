// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { faultWords, placeWords } from "./placeWords";

describe("places in words", () => {
  it.each([
    ["name", "Name"],
    ["rule.all[0].any[1].value", "rule › all › 1 › any › 2 › value"],
    ["actions[1].subject", "actions › 2 › subject"],
  ])("%s is %s", (path, words) => {
    expect(placeWords(path, { name: "Name" })).toBe(words);
  });

  it("stand before what is wrong there", () => {
    expect(faultWords({ path: "settings.port", message: "must be a number" })).toBe(
      "connection › port: must be a number",
    );
    expect(faultWords({ path: "", message: "It changes nothing" })).toBe("It changes nothing");
  });
});
