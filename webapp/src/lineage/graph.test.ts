// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { LineageStep } from "../api/deliveryDocuments";
import { lineageGraph } from "./graph";

function step(source: string, result: string, delivery = `${source}${result}`): LineageStep {
  return {
    source: { level: "study", id: source },
    result: { level: "study", id: result },
    policy: { id: "p", name: "P", revision: 1 },
    action: { id: "a", type: "modify" },
    service: null,
    delivery,
    hops: 1,
    made_at: "2026-01-31T12:00:00Z",
    instances: 1,
  };
}

function placed(nodes: { id: string; column: number; row: number }[]): Record<string, [number, number]> {
  return Object.fromEntries(nodes.map(({ id, column, row }) => [id, [column, row]]));
}

describe("the graph of a lineage", () => {
  it("has what it was made of on the left, what was made of it on the right, by steps", () => {
    const { nodes, edges } = lineageGraph("me", {
      sources: [step("parent", "me"), step("grandparent", "parent")],
      results: [step("me", "son"), step("me", "daughter"), step("son", "grandson")],
    });
    expect(placed(nodes)).toEqual({
      me: [0, 0],
      parent: [-1, 0],
      grandparent: [-2, 0],
      son: [1, 0],
      daughter: [1, 1],
      grandson: [2, 0],
    });
    expect(edges.map(({ source, result }) => `${source} ${result}`)).toContain("grandparent parent");
    expect(edges).toHaveLength(5);
  });

  it("draws one line for all that leads from one to another", () => {
    const { edges } = lineageGraph("me", {
      sources: [],
      results: [step("me", "son", "d1"), step("me", "son", "d2")],
    });
    expect(edges.map(({ steps }) => steps.length)).toEqual([2]);
  });

  it("keeps what was made within the resource itself, once", () => {
    const within = step("me", "me");
    const { nodes, edges } = lineageGraph("me", {
      sources: [within],
      results: [structuredClone(within)],
    });
    expect(placed(nodes)).toEqual({ me: [0, 0] });
    expect(edges).toEqual([{ source: "me", result: "me", steps: [within] }]);
  });

  it("comes to an end where results lead back", () => {
    const circle = [step("me", "other"), step("other", "me")];
    const { nodes, edges } = lineageGraph("me", { sources: circle, results: circle });
    expect(placed(nodes)).toEqual({ me: [0, 0], other: [1, 0] });
    expect(edges).toHaveLength(2);
  });
});
