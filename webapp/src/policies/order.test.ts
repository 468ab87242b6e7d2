// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Policy } from "../api/policyDocuments";
import { blankPolicy } from "./draft";
import { byOrder } from "../api/policyOrder";
import { moved } from "./order";

const policy = (name: string, order: number): Policy => ({
  ...blankPolicy(order, ""),
  name,
  id: name,
  revision: 1,
  created_at: "",
  updated_at: "",
  updated_by: "",
});
const list = (...orders: number[]): Policy[] =>
  orders.map((order, index) => policy("abcdef"[index] ?? "", order));

/** The names in their order after the move. */
function after(policies: Policy[], id: string, index: number): string {
  const changes = new Map(moved(policies, id, index).map((change) => [change.policy.id, change.order]));
  return policies
    .map((one) => ({ ...one, order: changes.get(one.id) ?? one.order }))
    .toSorted(byOrder)
    .map(({ name }) => name)
    .join("");
}

describe("moving a policy", () => {
  it.each([
    ["to the front", list(10, 20, 30), "c", 0, "cab"],
    ["to the end", list(10, 20, 30), "a", 2, "bca"],
    ["between two with room", list(10, 20, 30), "c", 1, "acb"],
    ["between two without room", list(10, 11, 12, 13), "d", 1, "adbc"],
    ["among policies of the same number", list(100, 100, 100, 100), "a", 2, "bcad"],
    ["before the first of negative numbers", list(-20, -10), "b", 0, "ba"],
  ])("%s", (_where, policies, id, index, expected) => {
    expect(after(policies, id, index)).toBe(expected);
  });

  it("changes one policy where there is room", () => {
    expect(moved(list(10, 20, 30), "c", 1).map(({ policy: { id }, order }) => [id, order])).toEqual([
      ["c", 15],
    ]);
  });

  it("changes nothing where it already stands", () => {
    expect(moved(list(10, 20, 30), "b", 1)).toEqual([]);
  });

  it("gets every policy to every place, from any numbers", () => {
    for (const policies of [list(1, 2, 3, 4), list(5, 5, 5, 5), list(0, 1, 1, 7)]) {
      for (const { id } of policies) {
        for (const index of policies.keys()) {
          expect(after(policies, id, index).indexOf(id)).toBe(index);
        }
      }
    }
  });
});
