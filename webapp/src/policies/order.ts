// SPDX-License-Identifier: GPL-3.0-or-later
import type { Policy } from "../api/policyDocuments";
import type { OrderChange } from "../api/policyOrder";

/** Room left between policies, so that one can be put between two others without touching them. */
const step = 10;

/** What to change so that a policy of the sorted list comes to stand at `index`: as little as possible. */
export function moved(policies: Policy[], id: string, index: number): OrderChange[] {
  const policy = policies.find((one) => one.id === id);
  if (!policy || policies.indexOf(policy) === index) return [];
  const others = policies.filter((one) => one !== policy);
  const before = others[index - 1];
  const after = others[index];
  if (!before && after) return [{ policy, order: after.order - step }];
  if (before && !after) return [{ policy, order: before.order + step }];
  if (before && after && after.order - before.order > 1) {
    return [{ policy, order: Math.floor((before.order + after.order) / 2) }];
  }
  return others
    .toSpliced(index, 0, policy)
    .map((one, place) => ({ policy: one, order: (place + 1) * step }))
    .filter((change) => change.policy.order !== change.order);
}
