// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Anchor, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Absence } from "../api/healthDocuments";
import { texts } from "../texts";
import { exactTime } from "./times";

const words = texts.common.absences;
/** More than these would push the page out of sight. */
const shown = 3;

/** The destinations that cannot be reached: since when, and how many deliveries wait. Stands on every page. */
export function Absences({ absences }: { absences: Absence[] }) {
  if (absences.length === 0) return null;
  return (
    <Alert role="status" color="yellow" icon={<IconPlugConnectedX aria-hidden />} mb="md" py="xs">
      {absences.slice(0, shown).map(({ destination, since, waiting }) => (
        <Text size="sm" key={destination.id} style={{ overflowWrap: "anywhere" }}>
          <Anchor component={Link} to={`/destinations/${destination.id}`} fw={600} c="inherit">
            {words.title(destination.name)}
          </Anchor>
          {since ? ` ${words.since(exactTime(since))}` : null}
          {". "}
          <Anchor component={Link} to={queueOf(destination.id)} c="inherit">
            {words.waiting(waiting)}
          </Anchor>
          .
        </Text>
      ))}
      {absences.length > shown ? (
        <Anchor component={Link} to="/destinations" c="inherit" fz="sm">
          {words.more(absences.length - shown)}
        </Anchor>
      ) : null}
    </Alert>
  );
}

function queueOf(destination: string): string {
  const states = ["waiting", "held", "running", "retrying"].map((state) => `state=${state}`).join("&");
  return `/deliveries?${states}&destination=${destination}`;
}
