// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Case, RuleNode } from "../../api/policyDocuments";
import { draw } from "../../testing/render";
import { serve, type Asked } from "../../testing/server";
import { CaseList } from "./CaseList";

const rule: RuleNode = { tag: "Modality", operator: "equals", value: "CT" };
const user = userEvent.setup();
let asked: Asked[];

beforeEach(() => {
  asked = serve(({ path, body }) => {
    if (path.startsWith("tags")) return { body: { items: [], total: 0 } };
    if (path !== "evaluate") return undefined;
    const { tags } = body as { tags: Record<string, string> };
    const matches = tags.Modality === "CT";
    const reason = `“${tags.Modality ?? ""}” is compared`;
    return { body: { matches, explanation: { ...rule, matches, reason, actual: [tags.Modality] } } };
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Draws the examples; answers them as they are now. */
function edit(cases: Case[]): () => Case[] {
  let current = cases;
  function Form() {
    const [shown, setShown] = useState(cases);
    return (
      <CaseList
        cases={shown}
        rule={rule}
        level="series"
        onChange={(changed) => {
          current = changed;
          setShown(changed);
        }}
      />
    );
  }
  draw(<Form />);
  return () => current;
}

describe("the examples of a policy", () => {
  it("are tried at the policy's level, and one that fails says why", async () => {
    edit([
      { name: "a CT", tags: { Modality: "CT" }, matches: true },
      { name: "an MR", tags: { Modality: "MR" }, matches: true },
    ]);
    const first = within(screen.getByRole("group", { name: "a CT" }));
    const second = within(screen.getByRole("group", { name: "an MR" }));
    expect(await first.findByText("As it should")).toBeTruthy();
    expect(await second.findByText("Not as it should")).toBeTruthy();
    expect(second.getByText("“MR” is compared")).toBeTruthy();
    expect(first.queryByText("“CT” is compared")).toBeNull();
    expect(asked.find(({ path }) => path === "evaluate")?.body).toEqual({
      rule,
      level: "series",
      tags: { Modality: "CT" },
    });
  });

  it("are tried again as one types", async () => {
    const now = edit([{ name: "one", tags: { Modality: "MR" }, matches: true }]);
    await user.click(screen.getByRole("button", { name: /^one/ }));
    const value = screen.getByRole("textbox", { name: "Value of Modality" });
    await user.clear(value);
    await user.type(value, "CT");
    expect(await screen.findByText("As it should")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Must not match" }));
    expect(await screen.findByText("Not as it should")).toBeTruthy();
    expect(now()).toEqual([{ name: "one", tags: { Modality: "CT" }, matches: false }]);
  });

  it("take pasted JSON, and lose none of it that is not JSON yet", async () => {
    const now = edit([{ name: "one", tags: {}, matches: true }]);
    await user.click(screen.getByRole("radio", { name: "JSON" }));
    const field = screen.getByRole("textbox", { name: "Tags" });
    await user.clear(field);
    await user.click(field);
    await user.paste('{"Modality": "CT", "A": [{"B": 1}]');
    expect(now()).toMatchObject([{ tags: '{"Modality": "CT", "A": [{"B": 1}]' }]);
    await user.click(field);
    await user.paste("}");
    await waitFor(() => expect(now()).toMatchObject([{ tags: { Modality: "CT", A: [{ B: 1 }] } }]));
  });
});
