// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { TransformTrial } from "../../../api/transforms";
import { draw } from "../../../testing/render";
import { serve } from "../../../testing/server";
import { SampleContext } from "../sample";
import { BeforeAndAfter } from "./BeforeAndAfter";

afterEach(() => vi.unstubAllGlobals());

const resource = { level: "study", id: "s1" } as const;
const transform = { anonymize: true };

const trial: TransformTrial = {
  position: 1,
  images: 3,
  tags: [
    { tag: "0010,0010", name: "Patient's Name", before: "Doe^Jane", after: "K7JQ", changed: true },
    { tag: "0010,4000", name: "Patient Comments", before: "shy", after: null, changed: true },
    { tag: "0028,0010", name: "Rows", before: "64", after: "64", changed: false },
  ],
  pixels: { before: "AAAA", after: "BBBB" },
  remarks: ["Overlays in the pixels were removed"],
  problem: null,
};

function show(sample = true): void {
  draw(
    <SampleContext value={sample ? { resource, policy: "CT" } : null}>
      <BeforeAndAfter transform={transform} stores={false} destination="d1" />
    </SampleContext>,
  );
}

describe("an image before and after", () => {
  it("shows changed tags marked, what stays on demand, and pixels beside each other", async () => {
    const asked = serve(() => ({ body: trial }));
    show();
    await userEvent.click(screen.getByRole("button", { name: "Show before and after" }));
    expect(await screen.findByText("2 of 3 tags are changed.")).toBeTruthy();
    expect(asked[0]).toMatchObject({
      path: "transforms/try",
      body: { transform, resource, stored: false, destination: "d1", position: null },
    });
    expect(screen.getByText("K7JQ").tagName).toBe("MARK");
    expect(screen.getByText("removed").tagName).toBe("MARK");
    expect(screen.getByText("Overlays in the pixels were removed")).toBeTruthy();
    expect(screen.getByAltText("The image before").getAttribute("src")).toBe("data:image/png;base64,AAAA");
    expect(screen.getByAltText("The image after").getAttribute("src")).toBe("data:image/png;base64,BBBB");
    expect(screen.queryByText("Rows")).toBeNull();
    await userEvent.click(screen.getByRole("switch", { name: "Show what stays, too" }));
    expect(screen.getByText("Rows")).toBeTruthy();
  });

  it("says why an image cannot be changed", async () => {
    serve(() => ({ body: { ...trial, tags: [], problem: "It has fewer pixels than it says" } }));
    show();
    await userEvent.click(screen.getByRole("button", { name: "Show before and after" }));
    expect(await screen.findByText("It has fewer pixels than it says")).toBeTruthy();
  });

  it("asks for a study where none is chosen", () => {
    const asked = serve(() => ({ body: trial }));
    show(false);
    expect(screen.getByText(/Choose a study/)).toBeTruthy();
    expect(asked).toEqual([]);
  });
});
