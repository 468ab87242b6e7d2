// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { settingsFor, whereabouts } from "./settings";

const schema = { properties: { host: { type: "string" }, port: { type: "integer" } } };

describe("settings", () => {
  it("keep what another kind also has", () => {
    expect(settingsFor(schema, { host: "a", aet: "X" })).toEqual({ host: "a" });
  });
  it.each([
    [{ modality: "archive" }, "archive"],
    [{ aet: "PACS", host: "10.0.0.1", port: 104 }, "PACS @ 10.0.0.1:104"],
    [{ url: "https://example.org/in" }, "https://example.org/in"],
    [{ path: "/incoming" }, "/incoming"],
    [{}, ""],
  ])("say where %j leads", (settings, expected) => {
    expect(whereabouts(settings)).toBe(expected);
  });
});
