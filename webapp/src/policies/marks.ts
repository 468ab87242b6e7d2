// SPDX-License-Identifier: GPL-3.0-or-later
import { destinationOf } from "../api/actions";
import type { Destination } from "../api/destinationDocuments";
import type { Policy } from "../api/policyDocuments";

/** What one should know of a policy without opening it. */
export type Mark = "deidentified" | "outside" | "identifiable" | "hours";

/** The marks of a policy. `identifiable`: images go outside the hospital without being de-identified. */
export function marksOf(policy: Pick<Policy, "actions">, destinations: Destination[]): Mark[] {
  const outside = new Set(
    destinations.filter(({ external }) => external).flatMap(({ id, name }) => [id, name]),
  );
  const found = new Set<Mark>();
  for (const action of policy.actions) {
    const deidentifies = "transform" in action && Boolean(action.transform?.anonymize);
    if (deidentifies) found.add("deidentified");
    if (outside.has(destinationOf(action) ?? "")) {
      found.add(action.type === "forward" && !deidentifies ? "identifiable" : "outside");
    }
    if (action.window) found.add("hours");
  }
  return order.filter((mark) => found.has(mark));
}

const order: readonly Mark[] = ["identifiable", "outside", "deidentified", "hours"];
