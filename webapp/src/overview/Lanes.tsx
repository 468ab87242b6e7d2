// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Lane } from "../api/healthDocuments";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { texts } from "../texts";
import { LaneState } from "./LaneState";

const words = texts.overview.lanes;

/** Each destination's health and queue. */
export function Lanes({ lanes }: { lanes: Lane[] }) {
  return (
    <Section title={words.title}>
      {lanes.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.empty}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={0}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{words.destination}</Table.Th>
                <Table.Th>{words.state}</Table.Th>
                <Table.Th ta="right" visibleFrom="xs">
                  {words.failed}
                </Table.Th>
                <Table.Th visibleFrom="xs">{words.lastSuccess}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lanes.map((lane) => (
                <Table.Tr key={lane.destination.id}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>
                    <Anchor component={Link} to={`/destinations/${lane.destination.id}`}>
                      {lane.destination.name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <LaneState lane={lane} />
                  </Table.Td>
                  <Table.Td ta="right" visibleFrom="xs">
                    {lane.failed ? (
                      <Anchor
                        component={Link}
                        to={`/deliveries?state=failed&destination=${lane.destination.id}`}
                        c="var(--mantine-color-error)"
                      >
                        {lane.failed.toLocaleString()}
                      </Anchor>
                    ) : (
                      0
                    )}
                  </Table.Td>
                  <Table.Td visibleFrom="xs">
                    <Time at={lane.last_success_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}
