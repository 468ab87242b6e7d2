// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { SaveBar } from "./SaveBar";

afterEach(() => vi.unstubAllGlobals());

let asked: Asked[];

function saveButton(roles: string[] | undefined): () => HTMLButtonElement {
  asked = serve(() => ({ body: { status: "ok", user: { name: "ada", roles } } }));
  draw(<SaveBar dirty saving={false} isNew={false} onDiscard={vi.fn()} comment="" onComment={vi.fn()} />);
  return () => screen.getByRole("button", { name: "Save" });
}

describe("saving is offered", () => {
  it("to those who may change things", async () => {
    const button = saveButton(["edit", "operate", "read"]);
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(button().disabled).toBe(false);
  });
  it("not to those who may only look, who are told so", async () => {
    const button = saveButton(["read"]);
    expect(await screen.findByText("You can view this, but not change it.")).toBeTruthy();
    expect(button().disabled).toBe(true);
  });
  it("where nobody knows, because then the server decides", () => {
    expect(saveButton(undefined)().disabled).toBe(false);
  });
});
