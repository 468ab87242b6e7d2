// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Level } from "../api/documents";
import type { ResourceExplanation } from "../api/ruleDocuments";
import { useSeriesOfStudy, type StoredSeries } from "../api/studies";
import { Section } from "../layout/Section";
import { texts } from "../texts";

const words = texts.studies.arrival;

/** Where the page shows resources of each level. */
const paths = { instance: "instances", series: "series", study: "studies" };

export interface ArrivalProps {
  level: Level;
  id: string;
  explanation: ResourceExplanation;
}

/** What came in: from whom, and which series. */
export function Arrival({ level, id, explanation }: ArrivalProps) {
  const origin = explanation.made_from;
  const facts = Object.entries(words.facts).flatMap(([fact, label]) => {
    const value = explanation.facts[fact];
    return value ? [[label, value]] : [];
  });
  return (
    <Section title={words.title}>
      {facts.length > 0 ? (
        <Group gap="xs" component="dl" m={0} style={{ columnGap: 32 }}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="xs" c="dimmed">
                {label}
              </Text>
              <Text component="dd" size="sm" m={0}>
                {value}
              </Text>
            </div>
          ))}
        </Group>
      ) : null}
      {origin ? (
        <Text size="sm" mt="xs">
          {words.madeHere[origin.how]}{" "}
          <Anchor component={Link} to={`/${paths[origin.level]}/${origin.id}`} underline="always">
            {words.original[origin.level]}
          </Anchor>
        </Text>
      ) : null}
      {level === "study" ? <SeriesTable study={id} /> : null}
    </Section>
  );
}

function SeriesTable({ study }: { study: string }) {
  const series = useSeriesOfStudy(study).data ?? [];
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.series}</Table.Th>
            <Table.Th>{words.modality}</Table.Th>
            <Table.Th ta="right">{words.images}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {series.map(({ ID, MainDicomTags: tags, Instances }) => (
            <Table.Tr key={ID}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Anchor component={Link} to={`/series/${ID}`}>
                  {seriesName(tags)}
                </Anchor>
              </Table.Td>
              <Table.Td>{tags.Modality}</Table.Td>
              <Table.Td ta="right">{Instances.length.toLocaleString()}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function seriesName({
  SeriesDescription: description,
  SeriesNumber: number = "",
}: StoredSeries["MainDicomTags"]) {
  if (description) return description;
  return words.unnamed(number);
}
