// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { RouteNowButton } from "./RouteNowButton";

afterEach(() => vi.unstubAllGlobals());

const resources = [
  { level: "study" as const, id: "s1" },
  { level: "study" as const, id: "s2" },
];
const archive = { id: "d1", name: "Archive", kind: "dicom", enabled: true };
const mail = { id: "d2", name: "Mail", kind: "email", enabled: true };
const kinds = [
  { kind: "dicom", label: "DICOM", actions: ["forward"], schema: {} },
  { kind: "email", label: "Mail", actions: ["notify"], schema: {} },
];
const run = {
  id: "r1",
  kind: "route",
  state: "finished",
  policy: null,
  request: {},
  progress: { studies_done: 2, studies_total: 2, instances: 9 },
  report: { planned: 2, skipped_already_delivered: 1, failed_to_plan: [], instances: 9, bytes: 1 },
  error: null,
  deliveries: { succeeded: 2 },
};

function answer(start: { status?: number; body?: unknown }, roles = ["read", "operate"]) {
  return ({ method, path }: Asked) => {
    if (method === "POST" && path === "route") return start;
    if (path === "health") return { body: { status: "ok", user: { name: "otto", roles } } };
    if (path.startsWith("destinations")) return { body: { items: [archive, mail], total: 2 } };
    if (path.startsWith("destination-kinds")) return { body: { items: kinds, total: 2 } };
    if (path.startsWith("policies"))
      return { body: { items: [{ id: "p1", name: "CT to research" }], total: 1 } };
    if (path === "runs/r1") return { body: run };
    return undefined;
  };
}

function bodyOfRoute(asked: Asked[]): unknown {
  return asked.find(({ path }) => path === "route")?.body;
}

describe("routing by hand", () => {
  it("sends to a destination that images can go to, and tells what came of it", async () => {
    const asked = serve(answer({ status: 202, body: { ...run, state: "waiting", report: null } }));
    const user = userEvent.setup();
    draw(<RouteNowButton resources={resources} />);
    await user.click(await screen.findByRole("button", { name: "Route now" }));
    const dialog = await screen.findByRole("dialog", { name: "Route 2 studies now" });
    const confirm = within(dialog).getByRole("button", { name: "Route now" });
    expect(confirm).toHaveProperty("disabled", true);
    await user.click(within(dialog).getByRole("combobox", { name: /Destination/ }));
    expect(screen.queryByRole("option", { name: "Mail" })).toBeNull();
    await user.click(await screen.findByRole("option", { name: "Archive" }));
    await user.click(confirm);
    expect(await screen.findByText("2 deliveries have been made.", {}, { timeout: 5000 })).toBeTruthy();
    expect(screen.getByText("1 left out, as delivered already.")).toBeTruthy();
    expect(screen.getByRole("link", { name: "Its deliveries" }).getAttribute("href")).toBe(
      "/deliveries?run=r1",
    );
    expect(bodyOfRoute(asked)).toEqual({ resources, again: false, destination: "d1", priority: "normal" });
  });

  it("has a policy carried out, once more where that is asked for", async () => {
    const asked = serve(answer({ status: 202, body: run }));
    const user = userEvent.setup();
    draw(<RouteNowButton resources={resources} />);
    await user.click(await screen.findByRole("button", { name: "Route now" }));
    await user.click(await screen.findByText("Through a policy"));
    await user.click(screen.getByRole("combobox", { name: /Policy/ }));
    await user.click(await screen.findByRole("option", { name: "CT to research" }));
    await user.click(screen.getByRole("checkbox", { name: "Also what was delivered there already" }));
    await user.click(
      within(screen.getByRole("dialog", { name: "Route 2 studies now" })).getByRole("button", {
        name: "Route now",
      }),
    );
    await screen.findByRole("link", { name: "Its deliveries" });
    expect(bodyOfRoute(asked)).toEqual({ resources, again: true, policy: "p1" });
  });

  it("says why it was refused, and keeps what was chosen", async () => {
    const error = { code: "not_found", message: "Orthanc has no study s2." };
    serve(answer({ status: 404, body: { error } }));
    const user = userEvent.setup();
    draw(<RouteNowButton resources={resources} />);
    await user.click(await screen.findByRole("button", { name: "Route now" }));
    await user.click(await screen.findByRole("combobox", { name: /Destination/ }));
    await user.click(await screen.findByRole("option", { name: "Archive" }));
    const dialog = screen.getByRole("dialog", { name: "Route 2 studies now" });
    await user.click(within(dialog).getByRole("button", { name: "Route now" }));
    expect(await screen.findByText("Orthanc has no study s2.")).toBeTruthy();
    expect(within(dialog).getByRole("combobox", { name: /Destination/ })).toHaveProperty("value", "Archive");
  });

  it("is not offered to those who may only look", async () => {
    const asked = serve(answer({ status: 202, body: run }, ["read"]));
    draw(<RouteNowButton resources={resources} />);
    await vi.waitFor(() => expect(asked.some(({ path }) => path === "health")).toBe(true));
    await vi.waitFor(() => expect(screen.queryByRole("button", { name: "Route now" })).toBeNull());
  });
});
