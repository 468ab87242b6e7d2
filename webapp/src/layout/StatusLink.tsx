// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router";
import { isRefusal } from "../api/client";
import type { Health } from "../api/healthDocuments";
import { texts } from "../texts";

/** How the router is, in one word; leads to the overview, which says more. */
export function StatusLink({ health }: { health: UseQueryResult<Health> }) {
  if (health.isPending) return null;
  const state = health.isError ? (isRefusal(health.error) ? "refused" : "unknown") : health.data.status;
  const color = { ok: "green", warning: "yellow", degraded: "orange", unknown: "red", refused: "red" }[state];
  return (
    <Badge
      component={Link}
      to="/"
      color={color}
      variant="dot"
      size="lg"
      tt="none"
      style={{ cursor: "pointer" }}
    >
      {texts.common.status[state]}
    </Badge>
  );
}
