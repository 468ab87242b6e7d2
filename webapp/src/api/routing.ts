// SPDX-License-Identifier: GPL-3.0-or-later
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Priority } from "./actions";
import { request } from "./client";
import type { Run } from "./runs";
import type { ResourceReference } from "./studies";

/** What is to be done with stored resources by hand: sent to a destination, or what a policy does. */
export type ByHand = {
  resources: ResourceReference[];
  /** Deliver also what has been delivered there already. */
  again: boolean;
} & ({ destination: string; priority: Priority } | { policy: string });

/** Begin to route by hand; the run that does it. */
export function useRouteByHand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ByHand) => request<Run>("route", { method: "POST", body: wanted }),
    onSuccess: (run) => {
      client.setQueryData(["runs", run.id], run);
      void client.invalidateQueries({ queryKey: ["runs", "found"] });
    },
  });
}
