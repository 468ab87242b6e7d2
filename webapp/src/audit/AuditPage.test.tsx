// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditEntry } from "../api/audit";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { AuditPage } from "./AuditPage";

const entry: AuditEntry = {
  number: 7,
  at: "2026-01-31T12:00:00Z",
  node: "n1",
  event: "delivery.succeeded",
  actor: { type: "policy", name: "CT to research", id: "p1", address: "" },
  object: { type: "delivery", id: "d1", name: "forward", revision: 2 },
  patient: {
    patient_id: "P1",
    patient_name: "Doe^Jane",
    accession_number: "A1",
    study_instance_uid: "1.2.3",
    study: "s1",
  },
  destination: { id: "t1", name: "Archive", kind: "dicom" },
  outcome: "success",
  detail: "",
  instances: 12,
  act_id: null,
  keyed: null,
  previous: "00",
  hash: "ab",
};
const change: AuditEntry = {
  ...entry,
  number: 8,
  event: "policy.frobbed",
  actor: { type: "user", name: "edda", id: "", address: "10.0.0.1" },
  object: { type: "policy", id: "p1", name: "CT to research", revision: 3 },
  patient: null,
  destination: null,
  outcome: "failure",
  instances: null,
};
const broken = {
  ok: false,
  entries: 8,
  first: 1,
  last: 8,
  broken_at: 5,
  message: "Entry 5 is changed.",
  hash: "ab",
  go_on_after: null,
};
/** The beginning of a long trail. */
const stretch = { ...broken, ok: true, entries: 3, last: 3, broken_at: null, go_on_after: 3 };

let asked: Asked[];
const saved = vi.fn();
beforeEach(() => {
  asked = serve(({ path }) => {
    if (path.startsWith("audit/verify?after=3")) return { body: broken };
    if (path.startsWith("audit/verify")) return { body: stretch };
    if (path.startsWith("audit/export")) return { body: "number;at" };
    if (path.startsWith("audit")) return { body: { items: [change, entry], total: 2 } };
    return undefined;
  });
  URL.createObjectURL = saved.mockReturnValue("blob:x");
  URL.revokeObjectURL = vi.fn();
});
afterEach(() => vi.unstubAllGlobals());

describe("the audit trail", () => {
  it("tells who did what to whose data, and all that is recorded on demand", async () => {
    const user = userEvent.setup();
    draw(<AuditPage />);
    expect((await screen.findByRole("link", { name: "Doe, Jane" })).getAttribute("href")).toBe(
      "/deliveries/d1",
    );
    expect(screen.getByText("12 images → Archive")).toBeTruthy();
    // An event that the page has no words for is shown as it is.
    expect(screen.getByText(/policy\.frobbed/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "All of entry 8" }));
    expect(await screen.findByText("10.0.0.1")).toBeTruthy();
  });

  it("asks for what is searched, and exports just that", async () => {
    const user = userEvent.setup();
    draw(<AuditPage />);
    await user.type(await screen.findByRole("textbox", { name: "Search the audit trail" }), "P1");
    await waitFor(() => expect(asked.at(-1)?.path).toContain("search=P1"));
    await user.click(await screen.findByRole("button", { name: "Export 2" }));
    await user.click(await screen.findByRole("menuitem", { name: /CSV/ }));
    await waitFor(() => expect(saved).toHaveBeenCalled());
    expect(asked.find(({ path }) => path.startsWith("audit/export"))?.path).toBe(
      "audit/export?search=P1&format=csv",
    );
  });

  it("says where the chain is broken", async () => {
    const user = userEvent.setup();
    draw(<AuditPage />);
    await user.click(await screen.findByRole("button", { name: "Verify" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("The chain is broken at entry 5")).toBeTruthy();
    expect(within(dialog).getByText("Entry 5 is changed.")).toBeTruthy();
  });
});
