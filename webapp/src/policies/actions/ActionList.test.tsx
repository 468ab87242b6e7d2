// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Action } from "../../api/actions";
import type { Fault } from "../../api/client";
import type { Level } from "../../api/documents";
import type { Tag } from "../../api/ruleDocuments";
import { FaultsContext } from "../../editing/faults";
import { draw } from "../../testing/render";
import { serve } from "../../testing/server";
import { ActionList } from "./ActionList";

const destinations = [
  { id: "d1", name: "Archive", kind: "dicom", enabled: true },
  { id: "d2", name: "Mail", kind: "email", enabled: true },
  { id: "d3", name: "Model", kind: "http", enabled: true },
];
const kinds = [
  { kind: "dicom", label: "DICOM node", actions: ["archive", "forward"], schema: {} },
  { kind: "email", label: "Mail", actions: ["notify"], schema: {} },
  { kind: "http", label: "HTTP service", actions: ["notify", "process"], schema: {} },
];
/** What the server tells of an action that this page has no form for. */
const archive = {
  type: "archive",
  label: "Archive",
  hint: "Keep it for years",
  summary: "archives to",
  needs: "images",
  first_orthanc: "",
  schema: {
    type: "object",
    required: ["type", "destination", "shelf"],
    properties: {
      type: { type: "string", const: "archive" },
      id: { anyOf: [{ type: "string" }, { type: "null" }] },
      priority: { type: "string", enum: ["urgent", "normal", "bulk"] },
      destination: { type: "string" },
      send_back: { type: "boolean", default: false },
      transform: { anyOf: [{ $ref: "#/$defs/Transform" }, { type: "null" }] },
      shelf: { type: "string", title: "Shelf", description: "Where it stands" },
      years: { type: "integer", title: "Years", default: 30 },
      note: { type: "string", title: "Note", format: "template" },
      keeper: { $ref: "#/$defs/Keeper" },
    },
    $defs: {
      Keeper: { type: "object", title: "Keeper", properties: { name: { type: "string", title: "Name" } } },
      Transform: { type: "object", properties: {} },
    },
  },
};
const tags: Tag[] = [{ keyword: "PatientID", name: "Patient ID", tag: "0010,0020", vr: "LO" }];

beforeEach(() => {
  serve(({ path }) => {
    if (path.startsWith("destinations")) return { body: { items: destinations, total: 3 } };
    if (path.startsWith("action-types")) return { body: { items: [archive], total: 1 } };
    if (path.startsWith("destination-kinds")) return { body: { items: kinds, total: 3 } };
    if (path.startsWith("tags")) return { body: { items: tags, total: 1 } };
    return undefined;
  });
});
afterEach(() => vi.unstubAllGlobals());

const user = userEvent.setup();
const forward: Action = { id: "a1", type: "forward", destination: "d1", priority: "normal", select: "all" };

/** Draws the forms; answers the actions as they are now. */
function edit(actions: Action[], level: Level = "study", faults: Fault[] = []): () => Action[] {
  let current = actions;
  function Form() {
    const [shown, setShown] = useState(actions);
    return (
      <FaultsContext value={faults}>
        <ActionList
          actions={shown}
          level={level}
          onChange={(changed) => {
            current = changed;
            setShown(changed);
          }}
        />
      </FaultsContext>
    );
  }
  draw(<Form />);
  return () => current;
}

async function choose(field: string, option: string): Promise<void> {
  await user.click(screen.getByRole("combobox", { name: field }));
  await user.click(await screen.findByRole("option", { name: option }));
}

describe("the actions of a policy", () => {
  it("keep what this page knows nothing of", async () => {
    const strange = { ...forward, compress: true, transform: { invert: 1 } } as unknown as Action;
    const unknown = { id: "a2", type: "teleport", to: "Mars" } as unknown as Action;
    const now = edit([strange, unknown]);
    await choose("Priority", "Urgent: before others");
    await user.click(screen.getByRole("switch", { name: "Remove all private tags" }));
    expect(now()).toEqual([
      { ...strange, priority: "urgent", transform: { invert: 1, remove_private: true } },
      unknown,
    ]);
  });

  it("offer only the destinations that can do it", async () => {
    const now = edit([{ type: "notify", destination: "", priority: "normal", select: "all" }]);
    const field = await screen.findByRole("combobox", { name: /Destination/ });
    await user.click(field);
    expect((await screen.findAllByRole("option")).map((one) => one.textContent)).toEqual(["Mail", "Model"]);
    await user.click(screen.getByRole("option", { name: "Mail" }));
    await user.type(screen.getByRole("textbox", { name: /Subject/ }), "CT is here");
    expect(now()).toMatchObject([{ destination: "d2", subject: "CT is here" }]);
  });

  it("are held until their window opens", async () => {
    const now = edit([forward]);
    await user.click(screen.getByRole("switch", { name: /^Only at certain hours/ }));
    await user.click(screen.getByRole("checkbox", { name: "Sun" }));
    const zone = screen.getByRole("combobox", { name: "Time zone" });
    await user.type(zone, "Europe/Ber");
    await user.click(await screen.findByRole("option", { name: "Europe/Berlin" }));
    expect(now()).toEqual([
      {
        ...forward,
        window: {
          days: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
          from: "20:00",
          to: "06:00",
          timezone: "Europe/Berlin",
        },
      },
    ]);
    await user.click(screen.getByRole("switch", { name: /^Only at certain hours/ }));
    expect(now()).toEqual([{ ...forward, window: null }]);
  });

  it("change tags on the way, with values of other tags", async () => {
    const now = edit([forward]);
    await user.click(screen.getByRole("switch", { name: /^Change the images/ }));
    const set = within(screen.getByRole("group", { name: "Set" }));
    await user.click(set.getByRole("button", { name: "Tag" }));
    await user.type(set.getByLabelText("Tag", { selector: "input" }), "patient");
    await user.click(await screen.findByRole("option", { name: /PatientID/ }));
    await user.type(set.getByRole("textbox", { name: "Value of PatientID" }), "X-");
    await user.click(set.getByRole("button", { name: "Insert a tag: Value of PatientID" }));
    await user.click(await screen.findByRole("button", { name: /^pseudonym/ }));
    expect(now()).toMatchObject([{ transform: { replace: { PatientID: "X-{{ pseudonym(PatientID) }}" } } }]);
  });

  it("have a form made of their schema where the page has none", async () => {
    const now = edit([], "study", [{ path: "actions[0].shelf", message: "There is no such shelf" }]);
    await user.click(screen.getByRole("button", { name: "Add action" }));
    await user.click(await screen.findByRole("menuitem", { name: "Archive Keep it for years" }));
    const form = within(screen.getByRole("group", { name: "Archive" }));
    await user.click(form.getByRole("combobox", { name: /Destination/ }));
    await user.click(await screen.findByRole("option", { name: "Archive" }));
    await user.type(form.getByRole("textbox", { name: /Shelf/ }), "B2");
    expect(form.getByText("There is no such shelf")).toBeTruthy();
    expect(form.getByRole("textbox", { name: "Years" }).getAttribute("placeholder")).toBe("30");
    await user.type(form.getByRole("textbox", { name: "Name" }), "Ada");
    expect(form.getByRole("button", { name: "Insert a tag: Note" })).toBeTruthy();
    await user.click(form.getByRole("switch", { name: /^Change the images/ }));
    await user.click(form.getByRole("switch", { name: /^Also what came from there/ }));
    expect(now()).toEqual([
      {
        type: "archive",
        destination: "d1",
        priority: "normal",
        select: "all",
        shelf: "B2",
        keeper: { name: "Ada" },
        transform: {},
        send_back: true,
      },
    ]);
  });

  it("can be added and removed", async () => {
    const now = edit([forward]);
    await user.click(screen.getByRole("button", { name: "Add action" }));
    await user.click(await screen.findByRole("menuitem", { name: /^Delete/ }));
    await user.click(screen.getByRole("button", { name: "Remove action 1" }));
    expect(now()).toEqual([{ type: "delete", priority: "normal", select: "all" }]);
  });

  it("show a fault where it is", async () => {
    edit([{ ...forward, transform: { replace: { "A.B": "1" } } }], "instance", [
      { path: "actions[0].transform.replace.A.B", message: "There is no tag A" },
      { path: "actions[0].window.from", message: "is not shown without a window" },
    ]);
    expect(await screen.findByText("There is no tag A")).toBeTruthy();
  });
});
