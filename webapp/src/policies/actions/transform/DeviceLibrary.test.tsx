// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Transform } from "../../../api/actions";
import { draw } from "../../../testing/render";
import { serve } from "../../../testing/server";
import { RedactionList } from "./RedactionList";

afterEach(() => vi.unstubAllGlobals());

const echo = { name: "Echo 3", when: { Rows: 600 }, rectangles: [[0, 0, 800, 40]] };
const console2 = { name: "Console 2", rectangles: [[0, 0, 8, 8]] };

function show(transform: Transform, onChange = vi.fn()) {
  const asked = serve(({ path, body }) => {
    if (path === "health") return { body: { status: "ok", user: { roles: ["read", "operate", "edit"] } } };
    if (path === "redactions") return { body: { items: [], total: 0 } };
    const saved = { redactions: [echo, console2], comment: "", updated_at: null, updated_by: "" };
    return { body: { ...saved, revision: 3, ...(body as object) } };
  });
  draw(<RedactionList transform={transform} place="actions[0].transform" onChange={onChange} />);
  return { asked, onChange };
}

describe("the library of devices", () => {
  it("is what a transform may refer to", async () => {
    const { onChange } = show({});
    await userEvent.click(await screen.findByLabelText("Also the areas of the library of devices"));
    expect(onChange).toHaveBeenCalledWith({ redact_devices: true });
  });

  it("takes an entry in the place of the one with its name", async () => {
    const corrected = { name: " echo 3", rectangles: [[0, 0, 800, 60]] } as const;
    const { asked } = show({ redact: [{ name: corrected.name, rectangles: [[0, 0, 800, 60]] }] });
    await userEvent.click(await screen.findByRole("button", { name: "Put into the library of devices" }));
    const put = asked.find(({ method }) => method === "PUT");
    expect(put?.body).toEqual({ redactions: [corrected, console2] });
    expect(put?.headers.get("If-Match")).toBe('"3"');
  });

  it("gives entries away", async () => {
    const { asked } = show({ redact_devices: true });
    await userEvent.click(await screen.findByRole("button", { name: "Library of devices (2)" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove “Echo 3” from the library" }));
    expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ redactions: [console2] });
  });
});
