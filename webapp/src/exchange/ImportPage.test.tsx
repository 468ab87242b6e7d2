// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ImportResult } from "../api/exchange";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { ImportPage } from "./ImportPage";

afterEach(() => vi.unstubAllGlobals());

const user = userEvent.setup();
const result: ImportResult = {
  dry_run: true,
  changes: [
    { kind: "destination", name: "Archive", change: "unchanged", differences: [] },
    { kind: "policy", name: "CT", change: "create", differences: [] },
    {
      kind: "policy",
      name: "MR",
      change: "update",
      differences: [{ path: "actions[0].priority", change: "changed", before: "normal", after: "bulk" }],
    },
  ],
  warnings: [],
};

function page(): Asked[] {
  const asked = serve(({ path, body }) =>
    path === "import" ? { body: { ...result, dry_run: (body as { dry_run: boolean }).dry_run } } : undefined,
  );
  draw(<ImportPage />);
  return asked;
}

const imports = (asked: Asked[]) => asked.filter(({ path }) => path === "import").map(({ body }) => body);

describe("an import", () => {
  it("of a file shows what would change, and changes it when told to", async () => {
    const asked = page();
    const file = new File(["version: 1\n"], "export.yaml");
    await user.upload(document.querySelector<HTMLInputElement>('input[type="file"]') ?? document.body, file);
    const changed = within(await screen.findByRole("group", { name: "MR" }));
    expect(changed.getByText("actions › 1 › priority")).toBeTruthy();
    expect(changed.getByText("bulk")).toBeTruthy();
    expect(screen.getByText("1 more is the same as here.")).toBeTruthy();
    expect(imports(asked)).toEqual([{ yaml: "version: 1\n", dry_run: true }]);
    await user.type(screen.getByRole("textbox", { name: /^Why/ }), "From the test machine");
    await user.click(screen.getByRole("button", { name: "Import 2 changes" }));
    expect(await screen.findByRole("heading", { name: "What was changed" })).toBeTruthy();
    expect(imports(asked).at(-1)).toEqual({
      yaml: "version: 1\n",
      dry_run: false,
      comment: "From the test machine",
    });
  });

  it("takes JSON as it is", async () => {
    const asked = page();
    await user.click(screen.getByRole("textbox", { name: "Policies and destinations" }));
    await user.paste('{"version": 1}');
    await user.click(screen.getByRole("button", { name: "See what would change" }));
    await screen.findByRole("group", { name: "CT" });
    expect(imports(asked)).toEqual([{ document: { version: 1 }, dry_run: true }]);
  });

  it("says what is wrong with the file", async () => {
    const details = [{ path: "policies[0].rule", message: "is missing" }];
    serve(() => ({ status: 422, body: { error: { code: "invalid", message: "", details } } }));
    draw(<ImportPage />);
    await user.type(screen.getByRole("textbox", { name: "Policies and destinations" }), "x");
    await user.click(screen.getByRole("button", { name: "See what would change" }));
    expect(await screen.findByText("policies › 1 › rule: is missing")).toBeTruthy();
  });
});
