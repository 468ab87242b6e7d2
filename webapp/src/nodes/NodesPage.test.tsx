// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { NodeState } from "../api/healthDocuments";
import type { RouterNode } from "../api/nodes";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { NodesPage } from "./NodesPage";

afterEach(() => vi.unstubAllGlobals());

function node(name: string, state: NodeState, more: Partial<RouterNode> = {}): RouterNode {
  return {
    id: name,
    name,
    state,
    this: false,
    version: "1.0",
    orthanc_version: "1.12",
    aet: "A",
    url: "",
    started_at: "2026-01-31T12:00:00Z",
    seen_at: "2026-01-31T12:00:00Z",
    index: "index",
    reads_changes: false,
    lag_changes: 0,
    lag_seconds: 0,
    running: 0,
    problem: "",
    waiting: 0,
    ...more,
  };
}

function nodes(...items: RouterNode[]): Asked[] {
  return serve(({ method, path }) => {
    if (path === "nodes" && method === "GET") return { body: { items, total: items.length } };
    if (path.startsWith("nodes/")) return { body: {} };
    return undefined;
  });
}

function box(name: string) {
  return within(screen.getByRole("region", { name }));
}

describe("the nodes", () => {
  it("can be made to finish, to work again, and be forgotten, each as it is", async () => {
    const asked = nodes(
      node("one", "active", { this: true }),
      node("two", "drained"),
      node("three", "gone", { waiting: 7 }),
    );
    const user = userEvent.setup();
    draw(<NodesPage />);
    await screen.findByText("This one");
    await user.click(box("one").getByRole("button", { name: "Finish and take nothing new" }));
    await user.click(box("two").getByRole("button", { name: "Work again" }));
    await user.click(box("three").getByRole("button", { name: "Remove node" }));
    const question = await screen.findByRole("dialog", { name: "Remove three?" });
    expect(within(question).getByText(/^7 deliveries that wait for it will fail/)).toBeTruthy();
    await user.click(within(question).getByRole("button", { name: "Remove node" }));
    const orders = () =>
      asked.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
    await waitFor(() =>
      expect(orders()).toEqual(["POST nodes/one/drain", "POST nodes/two/resume", "DELETE nodes/three"]),
    );
  });

  it("tells what waits for one that is gone", async () => {
    nodes(node("one", "active", { this: true }), node("two", "gone", { waiting: 1234 }));
    draw(<NodesPage />);
    expect(await screen.findByText("This one")).toBeTruthy();
    expect(box("two").getByText("1,234")).toBeTruthy();
    expect(box("one").queryByText("Deliveries that wait for it")).toBeNull();
  });

  it("teaches how to add a second where there is one", async () => {
    nodes(node("one", "active", { this: true, lag_changes: 12, lag_seconds: 90 }));
    draw(<NodesPage />);
    expect(await screen.findByText("This Orthanc works alone")).toBeTruthy();
    expect(screen.getByText("12, 90 sec behind")).toBeTruthy();
  });
});
