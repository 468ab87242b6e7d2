// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Tag } from "../../api/ruleDocuments";
import { draw } from "../../testing/render";
import { serve } from "../../testing/server";
import { TemplateInput } from "./TemplateInput";

const tags: Tag[] = [
  { keyword: "AccessionNumber", name: "Accession Number", tag: "0008,0050", vr: "SH" },
  { keyword: "IssuerOfAccessionNumberSequence", name: "Issuer", tag: "0008,0051", vr: "SQ" },
];

const filters = [{ name: "initials", arguments: [], documentation: "The first letter of each part." }];

beforeEach(() => {
  serve(({ path }) => {
    if (path.startsWith("tags")) return { body: { items: tags, total: 2 } };
    if (path.startsWith("template-filters")) return { body: { items: filters, total: 1 } };
    return undefined;
  });
});
afterEach(() => vi.unstubAllGlobals());
const user = userEvent.setup();

function Form() {
  const [value, setValue] = useState("");
  return <TemplateInput label="Subject" value={value} onChange={setValue} />;
}

function subject(): string {
  return screen.getByRole<HTMLInputElement>("textbox", { name: "Subject" }).value;
}

async function search(): Promise<HTMLElement> {
  draw(<Form />);
  await user.click(screen.getByRole("button", { name: "Insert a tag: Subject" }));
  await user.type(await screen.findByRole("textbox", { name: "Tag to insert" }), "accession");
  return screen.findByRole("option", { name: /^AccessionNumber/ });
}

describe("Inserting a tag into a template", () => {
  it("takes the tag that was clicked, not what was typed", async () => {
    await user.click(await search());
    expect(subject()).toBe("{{ AccessionNumber }}");
  });

  it("takes the tag that was chosen by keyboard", async () => {
    await search();
    await user.keyboard("{Enter}");
    expect(subject()).toBe("{{ AccessionNumber }}");
  });

  it("lets its value be changed by what the server can do", async () => {
    await user.click(await search());
    await user.click(screen.getByRole("button", { name: "Insert a tag: Subject" }));
    await user.click(await screen.findByRole("button", { name: /^initials: The first letter/ }));
    expect(subject()).toBe("{{ AccessionNumber | initials }}");
  });
});
