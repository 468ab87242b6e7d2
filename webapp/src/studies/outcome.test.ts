// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryState } from "../api/deliveryDocuments";
import { outcomeOf } from "./outcome";

function delivery(state: DeliveryState, name: string | null = "Archive"): Delivery {
  return { state, destination: name === null ? null : { id: name, name, kind: "dicom" } } as Delivery;
}

describe("what became of a resource", () => {
  it.each([
    [[], "none", 0],
    [[delivery("succeeded")], "succeeded", 1],
    [[delivery("succeeded"), delivery("retrying"), delivery("held")], "open", 2],
    [[delivery("succeeded"), delivery("waiting"), delivery("failed")], "failed", 1],
    [[delivery("cancelled")], "cancelled", 1],
    [[delivery("cancelled"), delivery("succeeded")], "succeeded", 1],
  ] as const)("%#", (deliveries, state, count) => {
    expect(outcomeOf([...deliveries])).toMatchObject({ state, count });
  });
  it("names where it has arrived, each once", () => {
    const deliveries = [
      delivery("succeeded", "B"),
      delivery("succeeded", "A"),
      delivery("succeeded", "B"),
      delivery("succeeded", null),
      delivery("failed", "C"),
    ];
    expect(outcomeOf(deliveries).arrivedAt).toEqual(["A", "B"]);
  });
  it("does not call a label in this Orthanc an arrival", () => {
    const label = { state: "succeeded", destination: { id: "orthanc", name: "Orthanc", kind: "orthanc" } };
    expect(outcomeOf([label as Delivery])).toMatchObject({ state: "succeeded", arrivedAt: [] });
  });
});
