// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { addressOf, canCancelAll, canRetryAll, filterOf, viewOf, type DeliveryView } from "./filters";

const nothing: DeliveryView = {
  states: [],
  policy: "",
  destination: "",
  resource: "",
  run: "",
  search: "",
  span: "",
  page: 1,
};

describe("the view of the deliveries in the address", () => {
  it("is empty where nothing is asked for", () => {
    expect(viewOf(new URLSearchParams())).toEqual(nothing);
    expect(addressOf(nothing).toString()).toBe("");
  });

  it("survives the way into the address and back", () => {
    const view: DeliveryView = {
      states: ["retrying", "failed"],
      policy: "p1",
      destination: "d1",
      resource: "r1",
      run: "n1",
      search: "Doe & Sons",
      span: "day",
      page: 3,
    };
    expect(viewOf(new URLSearchParams(addressOf(view).toString()))).toEqual(view);
  });

  it.each(["state=unknown", "span=decade", "page=-4", "page=x", "page=0"])(
    "takes no harm from %s",
    (address) => {
      expect(viewOf(new URLSearchParams(address))).toEqual(nothing);
    },
  );
});

describe("what is asked of the server", () => {
  const now = Date.parse("2026-01-31T12:00:42Z");
  it("is nothing where nothing is chosen", () => {
    expect(filterOf(nothing, now)).toEqual({ state: [] });
  });
  it("gives a span its beginning, to the minute", () => {
    expect(filterOf({ ...nothing, span: "day" }, now).since).toBe("2026-01-30T12:00:00.000Z");
  });
});

describe("an order for all found is offered only where it means all that are counted", () => {
  it("retry: failed, cancelled, trying again", () => {
    expect(canRetryAll(["failed", "cancelled"])).toBe(true);
    expect(canRetryAll(["failed", "succeeded"])).toBe(false);
    expect(canRetryAll([])).toBe(false);
  });
  it("cancel: what is not finished", () => {
    expect(canCancelAll(["waiting", "held"])).toBe(true);
    expect(canCancelAll(["waiting", "failed"])).toBe(false);
    expect(canCancelAll([])).toBe(false);
  });
});
