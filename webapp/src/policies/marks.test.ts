// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Action } from "../api/actions";
import type { Destination } from "../api/destinationDocuments";
import { marksOf } from "./marks";

const destinations = [
  { id: "here", name: "Archive", external: false },
  { id: "there", name: "Research", external: true },
] as Destination[];

function marks(...actions: object[]): string[] {
  return marksOf({ actions: actions as Action[] }, destinations);
}

describe("what one should know of a policy", () => {
  it.each([
    [{ type: "forward", destination: "here" }, []],
    [{ type: "forward", destination: "there" }, ["identifiable"]],
    [{ type: "forward", destination: "Research", transform: { replace: {} } }, ["identifiable"]],
    [{ type: "forward", destination: "there", transform: { anonymize: true } }, ["outside", "deidentified"]],
    [{ type: "forward", destination: "here", transform: { anonymize: { keep: [] } } }, ["deidentified"]],
    [{ type: "notify", destination: "there" }, ["outside"]],
    [{ type: "forward", destination: "here", window: { days: ["monday"] } }, ["hours"]],
    [{ type: "delete" }, []],
  ])("%j", (action, expected) => {
    expect(marks(action)).toEqual(expected);
  });

  it("puts together what several actions do", () => {
    const forward = { type: "forward", destination: "there" };
    expect(marks({ ...forward, transform: { anonymize: true } }, forward)).toEqual([
      "identifiable",
      "outside",
      "deidentified",
    ]);
  });
});
