// SPDX-License-Identifier: GPL-3.0-or-later
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Delivery, DeliveryDetail, DeliveryState } from "./deliveryDocuments";
import type { List } from "./documents";
import type { paths } from "./schema";

const key = ["deliveries"] as const;

type Query = NonNullable<paths["/router/deliveries"]["get"]["parameters"]["query"]>;

/** `run`: those that a replay, or routing by hand, has made. */
export type DeliveryFilter = Omit<Query, "state" | keyof Page> & { state?: DeliveryState[] };

export interface Page {
  limit: number;
  offset: number;
}

/** A page of the deliveries found, newest first, kept up to date. */
export function useDeliveries(filter: DeliveryFilter, page: Page, refreshMilliseconds = 3000) {
  return useQuery({
    queryKey: [...key, "found", filter, page],
    queryFn: ({ signal }) =>
      request<List<Delivery>>("deliveries", { filters: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMilliseconds,
  });
}

export function useDelivery(id: string) {
  return useQuery({
    queryKey: [...key, id],
    queryFn: ({ signal }) => request<DeliveryDetail>(`deliveries/${id}`, { signal }),
    refetchInterval: 3000,
  });
}

/** An order for all that a filter finds, with the number that was shown. */
export type OrderForAll = DeliveryFilter & { count: number };

/** Orthanc tells a plugin the query of a GET only, so the filters of an order go into the body. */
function bodyOf({ state, ...others }: OrderForAll): Record<string, string | number | undefined> {
  return { ...others, state: state?.length ? state.join(",") : undefined };
}

export type DeliveryOrder = "retry" | "cancel";

/** Retry or cancel one delivery, or all that a filter finds. */
export function useOrderDeliveries() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ order, wanted }: { order: DeliveryOrder; wanted: string | OrderForAll }) =>
      typeof wanted === "string"
        ? request<{ count?: number } | undefined>(`deliveries/${wanted}/${order}`, { method: "POST" })
        : request<{ count?: number } | undefined>(`deliveries/${order}`, {
            method: "POST",
            body: bodyOf(wanted),
          }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["health"] });
      return client.invalidateQueries({ queryKey: key });
    },
  });
}
