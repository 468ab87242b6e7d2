// SPDX-License-Identifier: GPL-3.0-or-later
import { destinationOf } from "../api/actions";
import type { Destination } from "../api/destinationDocuments";
import type { Policy } from "../api/policyDocuments";

/** The policies that use a destination. */
export function policiesUsing(destination: Destination, policies: Policy[] | undefined): Policy[] {
  return (policies ?? []).filter((policy) =>
    policy.actions.some((action) => {
      const used = destinationOf(action);
      return used === destination.id || used === destination.name;
    }),
  );
}
