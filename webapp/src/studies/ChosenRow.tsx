// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Badge, Skeleton, Table } from "@mantine/core";
import { Link } from "react-router";
import { useDeliveries } from "../api/deliveries";
import type { ResourceReference } from "../api/studies";
import { texts } from "../texts";
import { ResourceLink } from "./ResourceLink";
import { outcomeOf, type Outcome } from "./outcome";

const words = texts.studies.list;
const colors: Record<Outcome["state"], string> = {
  failed: "red",
  open: "blue",
  succeeded: "green",
  cancelled: "gray",
  none: "gray",
};

/** One chosen resource: what became of it as a whole, and where it went. */
export function ChosenRow({ resource }: { resource: ResourceReference }) {
  const found = useDeliveries({ resource: resource.id }, { limit: 200, offset: 0 }, 5000);
  const outcome = found.data ? outcomeOf(found.data.items) : null;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <ResourceLink level={resource.level} id={resource.id} />
      </Table.Td>
      <Table.Td>
        {outcome ? (
          <Anchor component={Link} to={`/deliveries?resource=${resource.id}`}>
            <Badge color={colors[outcome.state]} variant="light" tt="none">
              {outcomeWords(outcome)}
            </Badge>
          </Anchor>
        ) : (
          <Skeleton height={20} width={90} />
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ overflowWrap: "anywhere" }}>
        {outcome?.arrivedAt.join(", ")}
      </Table.Td>
    </Table.Tr>
  );
}

function outcomeWords({ state, count }: Outcome): string {
  const said = words[state];
  return typeof said === "string" ? said : said(count);
}
