// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Button, Group } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { Section } from "../layout/Section";
import { texts } from "../texts";

const words = texts.deliveries.detail;
const few = 24;

/** The images of a delivery, each with the way to its own page. */
export function DeliveryInstances({ ids }: { ids: string[] }) {
  const [all, setAll] = useState(false);
  if (ids.length === 0) return null;
  return (
    <Section title={words.instances}>
      <Group gap="xs">
        {(all ? ids : ids.slice(0, few)).map((id, index) => (
          <Anchor key={id} fz="sm" title={id} component={Link} to={`/instances/${id}`}>
            {words.instance(index + 1)}
          </Anchor>
        ))}
      </Group>
      {!all && ids.length > few ? (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setAll(true)}>
          {words.showAll(ids.length)}
        </Button>
      ) : null}
    </Section>
  );
}
