// SPDX-License-Identifier: GPL-3.0-or-later
import type { Policy } from "./policyDocuments";

/** That a policy gets another place among the others. */
export interface OrderChange {
  policy: Policy;
  order: number;
}

/** The order in which policies are evaluated: lowest first, the same number by name. */
export function byOrder(a: Policy, b: Policy): number {
  const [left, right] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return a.order - b.order || (left < right ? -1 : left > right ? 1 : 0);
}
