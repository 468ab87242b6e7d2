import type { Destination, Policy } from "../api/documents";

/** The policies that send to a destination. */
export function policiesUsing(destination: Destination, policies: Policy[] | undefined): Policy[] {
  return (policies ?? []).filter((policy) =>
    policy.actions.some(
      (action) => action.destination === destination.id || action.destination === destination.name,
    ),
  );
}
