// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { identifying } from "./exampleTags";

describe("an example", () => {
  it("warns of what may tell whose image it is", () => {
    expect(identifying({ Modality: "CT", PatientID: "1", "@RemoteAET": "X" })).toEqual(["PatientID"]);
  });
});
