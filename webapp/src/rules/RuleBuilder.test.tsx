// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fault } from "../api/client";
import type { RuleNode } from "../api/policyDocuments";
import type { Operator, Tag } from "../api/ruleDocuments";
import { FaultsContext } from "../editing/faults";
import { draw } from "../testing/render";
import { serve } from "../testing/server";
import { RuleBuilder } from "./RuleBuilder";
import { toRule, toTree } from "./tree";

const operators: Operator[] = [
  { name: "equals", label: "is", vrs: ["CS", "LO", "DS"], value: "one", negates: null },
  { name: "contains", label: "contains", vrs: ["CS", "LO"], value: "one", negates: null },
  { name: "less_than", label: "is less than", vrs: ["DS"], value: "one", negates: null },
  { name: "between", label: "is between", vrs: ["DS"], value: "two", negates: null },
  { name: "in", label: "is one of", vrs: ["CS", "LO", "DS"], value: "list", negates: null },
  { name: "exists", label: "has a value", vrs: ["CS", "LO", "DS"], value: "none", negates: null },
];
const tags: Tag[] = [
  { keyword: "Modality", name: "Modality", tag: "0008,0060", vr: "CS" },
  { keyword: "SliceThickness", name: "Slice Thickness", tag: "0018,0050", vr: "DS" },
];

beforeEach(() => {
  serve(({ path }) => {
    if (path === "operators") return { body: { items: operators, total: operators.length } };
    const query = new URLSearchParams(path.split("?")[1]).get("query")?.toLowerCase();
    if (!path.startsWith("tags") || !query) return undefined;
    const items = tags.filter(({ keyword, name }) => `${keyword} ${name}`.toLowerCase().includes(query));
    return { body: { items, total: items.length } };
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Draws a builder; answers the rule as it is now. */
function build(rule: RuleNode, faults: Fault[] = []): () => RuleNode {
  let current = rule;
  function Form() {
    const [tree, setTree] = useState(() => toTree(rule));
    return (
      <FaultsContext value={faults}>
        <RuleBuilder
          tree={tree}
          onChange={(next) => {
            current = toRule(next);
            setTree(next);
          }}
        />
      </FaultsContext>
    );
  }
  draw(<Form />);
  return () => current;
}

const ct: RuleNode = { tag: "Modality", operator: "equals", value: "CT" };
const user = userEvent.setup();

describe("the rule builder", () => {
  it("changes nothing by being looked at", async () => {
    const rule: RuleNode = { any: [ct, { not: ct }, { all: [] }] };
    const now = build(rule);
    await screen.findAllByDisplayValue("Modality");
    expect(now()).toBe(rule);
  });

  it("shows the value, and takes another", async () => {
    const now = build({ all: [ct] });
    const value = await screen.findByLabelText("Value", { selector: "input" });
    await user.clear(value);
    await user.type(value, "MR");
    expect(now()).toEqual({ all: [{ ...ct, value: "MR" }] });
  });

  it("denies a group in words", async () => {
    const now = build({ all: [ct] });
    await user.click(screen.getByRole("combobox", { name: /How the conditions/ }));
    await user.click(await screen.findByRole("option", { name: "None of these holds" }));
    expect(now()).toEqual({ not: { any: [ct] } });
  });

  it("adds and removes conditions and groups", async () => {
    const now = build({ all: [ct] });
    await user.click(screen.getByRole("button", { name: "Add a condition to this group" }));
    await user.click(screen.getByRole("button", { name: "Add a group within this group" }));
    const empty = { tag: "", operator: "equals", value: "" };
    expect(now()).toEqual({ all: [ct, empty, { any: [empty] }] });
    const [first] = screen.getAllByRole("button", { name: "More for this condition" });
    if (first) await user.click(first);
    await user.click(await screen.findByRole("menuitem", { name: "Remove this condition" }));
    expect(now()).toEqual({ all: [empty, { any: [empty] }] });
  });

  it("finds a tag, offers what fits it, and takes a number for a number", async () => {
    const now = build({ all: [{ tag: "", operator: "contains", value: "" }] });
    await user.type(screen.getByLabelText("Tag", { selector: "input" }), "slice");
    await user.click(await screen.findByRole("option", { name: /SliceThickness/ }));
    await waitFor(() =>
      expect(now()).toMatchObject({ all: [{ tag: "SliceThickness", operator: "equals" }] }),
    );
    await user.click(screen.getByRole("combobox", { name: "Comparison" }));
    const offered = within(await screen.findByRole("listbox", { name: /Comparison/ })).getAllByRole("option");
    expect(offered.map((one) => one.textContent)).toEqual([
      "is",
      "is less than",
      "is between",
      "is one of",
      "has a value",
    ]);
    await user.click(screen.getByRole("option", { name: "is between" }));
    await user.type(screen.getByLabelText("From"), "0.5");
    await user.type(screen.getByLabelText("To"), "3");
    expect(now()).toEqual({ all: [{ tag: "SliceThickness", operator: "between", value: [0.5, 3] }] });
  });

  it("takes a private tag as it is written", async () => {
    const now = build({ all: [ct] });
    const tag = screen.getByLabelText("Tag", { selector: "input" });
    await user.clear(tag);
    await user.type(tag, '0029,"SIEMENS CSA HEADER",10');
    await user.tab();
    expect(now()).toMatchObject({ all: [{ tag: '0029,"SIEMENS CSA HEADER",10' }] });
  });

  it("shows a fault at the field that has it", async () => {
    build({ all: [ct, { not: { tag: "Modalty", operator: "equals", value: "x" } }] }, [
      { path: "rule.all[1].not.tag", message: "There is no tag Modalty" },
    ]);
    expect(await screen.findByLabelText("Tag", { selector: '[aria-invalid="true"]' })).toHaveProperty(
      "value",
      "Modalty",
    );
    expect(screen.getByText("There is no tag Modalty")).toBeTruthy();
  });

  it("keeps a condition that stands without a group", async () => {
    const now = build(ct);
    await user.type(await screen.findByLabelText("Value", { selector: "input" }), "X");
    expect(now()).toEqual({ ...ct, value: "CTX" });
  });
});
