// SPDX-License-Identifier: GPL-3.0-or-later
import type { Level } from "./api/documents";
import { createBrowserRouter, type RouteObject } from "react-router";
import { NotFound } from "./layout/NotFound";
import { Crash } from "./layout/Crash";
import { Shell } from "./layout/Shell";
import { pageRoot } from "./place";

/** The pages; each is loaded when it is first looked at. */
export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: <Crash />,
    HydrateFallback: () => null,
    children: [
      {
        errorElement: <Crash />,
        children: [
          {
            index: true,
            lazy: async () => ({ Component: (await import("./overview/OverviewPage")).OverviewPage }),
          },
          {
            path: "policies",
            lazy: async () => ({ Component: (await import("./policies/PoliciesPage")).PoliciesPage }),
          },
          {
            path: "policies/:id",
            lazy: async () => ({ Component: (await import("./policies/PolicyPage")).PolicyPage }),
          },
          {
            path: "policies/:id/history",
            lazy: async () => ({
              Component: (await import("./policies/PolicyHistoryPage")).PolicyHistoryPage,
            }),
          },
          {
            path: "destinations",
            lazy: async () => ({
              Component: (await import("./destinations/DestinationsPage")).DestinationsPage,
            }),
          },
          {
            path: "destinations/:id",
            lazy: async () => ({
              Component: (await import("./destinations/DestinationPage")).DestinationPage,
            }),
          },
          {
            path: "destinations/:id/history",
            lazy: async () => ({
              Component: (await import("./destinations/DestinationHistoryPage")).DestinationHistoryPage,
            }),
          },
          {
            path: "import",
            lazy: async () => ({ Component: (await import("./exchange/ImportPage")).ImportPage }),
          },
          {
            path: "deliveries",
            lazy: async () => ({ Component: (await import("./deliveries/DeliveriesPage")).DeliveriesPage }),
          },
          {
            path: "deliveries/:id",
            lazy: async () => ({ Component: (await import("./deliveries/DeliveryPage")).DeliveryPage }),
          },
          {
            path: "runs",
            lazy: async () => ({ Component: (await import("./runs/RunsPage")).RunsPage }),
          },
          {
            path: "runs/:id",
            lazy: async () => ({ Component: (await import("./runs/RunPage")).RunPage }),
          },
          {
            path: "studies",
            lazy: async () => ({ Component: (await import("./studies/ChosenPage")).ChosenPage }),
          },
          { path: "studies/:id", lazy: () => resourcePage("study") },
          { path: "series/:id", lazy: () => resourcePage("series") },
          { path: "instances/:id", lazy: () => resourcePage("instance") },
          {
            path: "audit",
            lazy: async () => ({ Component: (await import("./audit/AuditPage")).AuditPage }),
          },
          {
            path: "nodes",
            lazy: async () => ({ Component: (await import("./nodes/NodesPage")).NodesPage }),
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];

async function resourcePage(level: Level) {
  const { ResourcePage } = await import("./studies/ResourcePage");
  return { element: <ResourcePage level={level} /> };
}

export function createRoutes() {
  return createBrowserRouter(routes, { basename: pageRoot() });
}
