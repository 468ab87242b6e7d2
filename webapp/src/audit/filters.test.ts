// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { addressOf, filterOf, nothing, viewOf } from "./filters";

const empty = { ...nothing, page: 1 };

describe("the view of the audit trail in the address", () => {
  it("is empty where nothing is asked for", () => {
    expect(viewOf(new URLSearchParams())).toEqual(empty);
    expect(addressOf(empty).toString()).toBe("");
    expect(Object.values(filterOf(empty)).filter((value) => value !== undefined)).toEqual([]);
  });

  it("survives the way into the address and back", () => {
    const view = {
      event: "policy.",
      actor: "edda",
      object: "p1",
      search: "Doe & Sons",
      outcome: "failure",
      from: "2026-01-01",
      to: "2026-01-31",
      page: 4,
    };
    expect(viewOf(new URLSearchParams(addressOf(view).toString()))).toEqual(view);
  });

  it.each(["outcome=perhaps", "from=yesterday", "to=2026-13-40", "page=0"])(
    "takes no harm from %s",
    (address) => {
      expect(viewOf(new URLSearchParams(address))).toEqual(empty);
    },
  );
});

describe("what is asked of the server", () => {
  it("has the whole of both days in the viewer's zone", () => {
    const { since, until } = filterOf({ ...empty, from: "2026-01-30", to: "2026-01-31" });
    expect(since).toBe(new Date(2026, 0, 30).toISOString());
    expect(until).toBe(new Date(2026, 1, 1).toISOString());
  });
});
