// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { DeliveryResource } from "../api/deliveryDocuments";
import { examination } from "./subject";

describe("what was examined", () => {
  it.each([
    ["CT", "CHEST", "CT CHEST"],
    ["CT", "CT CHEST", "CT CHEST"],
    ["MR", "mr head", "mr head"],
    ["CT", "CTA AORTA", "CT CTA AORTA"],
    ["", "CHEST", "CHEST"],
    ["US", "", "US"],
    ["", "", ""],
  ])("%s, %s is %s", (modality, description, words) => {
    expect(examination({ modality, study_description: description } as DeliveryResource)).toBe(words);
  });
});
