// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Revision } from "../api/history";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { HistoryView } from "./HistoryView";

afterEach(() => vi.unstubAllGlobals());

const user = userEvent.setup();

function revision(number: number, comment: string, enabled = true): Revision {
  const at = `2026-01-0${number}T12:00:00Z`;
  return {
    id: "d1",
    revision: number,
    name: "Archive",
    comment,
    created_at: at,
    updated_at: at,
    updated_by: "ada",
    enabled,
  };
}

function page(): Asked[] {
  const asked = serve(({ path }) => {
    if (path.endsWith("/revisions"))
      return { body: { items: [revision(3, "Moved"), revision(2, "", false), revision(1, "")], total: 3 } };
    const found = /differences\?from=(\d)&to=(\d)/.exec(path);
    if (found) {
      const [, before, after] = found;
      return { body: { differences: [{ path: "settings.host", change: "changed", before, after }] } };
    }
    return path.endsWith("/restore") ? { body: revision(4, "") } : undefined;
  });
  draw(
    <HistoryView
      collection="destinations"
      id="d1"
      backLabel="Back"
      fieldNames={{ settings: "connection" }}
    />,
  );
  return asked;
}

describe("the history of a document", () => {
  it("begins with what the last save has changed, and why", async () => {
    page();
    expect(await screen.findByText("Moved")).toBeTruthy();
    expect(await screen.findByText("connection › host")).toBeTruthy();
    expect(screen.getAllByRole("columnheader").map((one) => one.textContent)).toEqual([
      "Revision 2",
      "Revision 3",
    ]);
  });

  it("compares any two revisions", async () => {
    const asked = page();
    await user.click(await screen.findByRole("combobox", { name: "Revision" }));
    await user.click(await screen.findByRole("option", { name: /^1 · / }));
    await waitFor(() => expect(asked.some(({ path }) => path.endsWith("from=1&to=3"))).toBe(true));
    await user.click(screen.getByRole("button", { name: "What revision 2 changed" }));
    await waitFor(() => expect(asked.some(({ path }) => path.endsWith("from=1&to=2"))).toBe(true));
  });

  it("leads back to an earlier revision", async () => {
    const asked = page();
    await user.click(await screen.findByRole("button", { name: "Restore revision 1" }));
    expect(asked.some(({ method }) => method === "POST")).toBe(false);
    await user.click(await screen.findByRole("button", { name: "Restore" }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "POST")).toMatchObject({
        path: "destinations/d1/restore",
        body: { revision: 1, comment: "As in revision 1" },
      }),
    );
    expect(screen.queryByRole("button", { name: "Restore revision 3" })).toBeNull();
  });

  it("says before a revision is restored that this switches off what is on", async () => {
    page();
    await user.click(await screen.findByRole("button", { name: "Restore revision 2" }));
    expect(await screen.findByText(/switches “Archive” off/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Keep the present one" }));
    await user.click(screen.getByRole("button", { name: "Restore revision 1" }));
    await screen.findByText("Restore revision 1?");
    expect(screen.queryByText(/switches “Archive”/)).toBeNull();
  });
});
