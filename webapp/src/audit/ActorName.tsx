// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { AuditEntry } from "../api/audit";
import { texts } from "../texts";

/** Who has done it: a person by the login's name, a policy with the way to it, or the router. */
export function ActorName({ actor }: { actor: AuditEntry["actor"] }) {
  if (actor.type === "router") return <>{texts.audit.router}</>;
  if (actor.type === "user") return <>{actor.name || texts.audit.nobody}</>;
  return actor.id ? (
    <Anchor component={Link} to={`/policies/${actor.id}`}>
      {actor.name}
    </Anchor>
  ) : (
    <>{actor.name}</>
  );
}
