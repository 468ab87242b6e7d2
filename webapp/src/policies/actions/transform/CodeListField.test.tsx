// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CodeList } from "../../../api/codeLists";
import { draw } from "../../../testing/render";
import { serve, type Asked } from "../../../testing/server";
import { CodeListField } from "./CodeListField";

afterEach(() => vi.unstubAllGlobals());

const current = {
  revision: 4,
  codes: 1200,
  on_miss: "hold",
  comment: "",
  updated_at: "2026-01-01T00:00:00.000Z",
  updated_by: "edda",
} as const;
const list: CodeList = { project: "Lungs", destination: "", current, previous: { ...current, codes: 7 } };

function show(answer: (asked: Asked) => { status?: number; body?: unknown } | undefined, lists = [list]) {
  const asked = serve((one) => {
    if (one.method === "GET" && one.path === "pseudonyms/lists")
      return { body: { items: lists, total: lists.length } };
    if (one.path === "health")
      return { body: { status: "ok", user: { roles: ["read", "operate", "edit"] } } };
    return answer(one);
  });
  draw(<CodeListField project="Lungs" destination="" />);
  return asked;
}

async function choose(text: string | Uint8Array<ArrayBuffer>): Promise<void> {
  await screen.findByRole("button", { name: /Import/ });
  const input = document.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) throw new Error("there is no field for a file");
  const file = new File([text], "list.csv", { type: "text/csv" });
  // jsdom's files cannot be read so.
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  file.arrayBuffer = () => Promise.resolve(bytes.buffer);
  await userEvent.upload(input, file);
}

describe("the list of codes of a project", () => {
  it("is saved once a person has seen what it changes", async () => {
    const result = { codes: 2, added: 1, changed: 1, removed: 3, warnings: ["2 rows share their code"] };
    const asked = show(({ body }) => ({ body: { ...result, ...(body as object) } }));
    expect(await screen.findByText(/1,200 codes from a list/)).toBeTruthy();
    await choose("patient_id;code\n1;2\n");
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("2 codes: 1 new, 1 changed, 3 gone.")).toBeTruthy();
    expect(within(dialog).getByText("2 rows share their code")).toBeTruthy();
    const draft = { project: "Lungs", destination: "", csv: "patient_id;code\n1;2\n", revision: 4 };
    expect(asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
      { ...draft, on_miss: "derive", dry_run: true },
    ]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the list" }));
    expect(asked.findLast(({ method }) => method === "POST")?.body).toEqual({
      ...draft,
      on_miss: "hold",
      dry_run: false,
    });
  });

  it("names the rows for which it is not taken", async () => {
    const details = [{ path: "csv[2].code", message: "Row 2, code, is empty" }];
    show(() => ({ status: 422, body: { error: { code: "invalid", message: "", details } } }), []);
    expect(await screen.findByText(/No list of codes/)).toBeTruthy();
    await choose(new Uint8Array([0xff, 0xfe, 0x70, 0x00]));
    expect(await screen.findByText("Row 2, code, is empty")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Save the list" })).toHaveProperty("disabled", true);
  });

  it("can be undone and deleted", async () => {
    const asked = show(() => ({ body: list }));
    await userEvent.click(await screen.findByRole("button", { name: "Undo the last import" }));
    expect(asked.findLast(({ method }) => method === "POST")).toMatchObject({
      path: "pseudonyms/lists/undo",
      body: { project: "Lungs", destination: "" },
    });
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    await userEvent.click(await screen.findByRole("button", { name: "Delete the list" }));
    expect(asked.findLast(({ method }) => method === "DELETE")?.path).toBe("pseudonyms/lists/Lungs");
  });
});
