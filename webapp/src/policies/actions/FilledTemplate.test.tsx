// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../../testing/render";
import { serve } from "../../testing/server";
import { FilledTemplate } from "./FilledTemplate";
import { SampleContext } from "./sample";

afterEach(() => vi.unstubAllGlobals());

const resource = { level: "study", id: "s1" } as const;

function show(template: string, sample = true): void {
  draw(
    <SampleContext value={sample ? { resource, policy: "CT" } : null}>
      <FilledTemplate template={template} kind="text" />
    </SampleContext>,
  );
}

describe("a template", () => {
  it("is shown filled in for the chosen study", async () => {
    const asked = serve(() => ({ body: { text: "CT of Doe" } }));
    show("{{ Modality }} of {{ PatientName }}");
    expect(await screen.findByText("CT of Doe")).toBeTruthy();
    expect(asked[0]).toMatchObject({
      path: "templates/fill",
      body: { template: "{{ Modality }} of {{ PatientName }}", use: "text", resource, policy: "CT" },
    });
  });

  it("that cannot be filled in says why", async () => {
    const details = [{ path: "template", message: "'Modalty' is not in the DICOM dictionary" }];
    serve(() => ({ status: 422, body: { error: { code: "invalid", message: "", details } } }));
    show("{{ Modalty }}");
    expect(await screen.findByText(/Modalty/)).toBeTruthy();
  });

  it("is left alone where nothing is filled in, or no study is chosen", () => {
    const asked = serve(() => ({ body: { text: "" } }));
    show("plain");
    show("{{ Modality }}", false);
    expect(screen.queryByRole("status")).toBeNull();
    expect(asked).toEqual([]);
  });
});
