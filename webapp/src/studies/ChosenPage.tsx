// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Paper, Table } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { PageTurner } from "../layout/PageTurner";
import { orthancRoot } from "../place";
import { RouteNowButton } from "../routing/RouteNowButton";
import { texts } from "../texts";
import { chosenOf } from "./chosen";
import { ChosenRow } from "./ChosenRow";

const words = texts.studies.list;
const pageSize = 25;

/** What was chosen in Orthanc Explorer 2: what became of each, and routing all of them by hand. */
export function ChosenPage() {
  const [address] = useSearchParams();
  const [page, setPage] = useState(1);
  const chosen = chosenOf(address);
  if (chosen.length === 0) {
    return (
      <>
        <PageHeader title={words.title} />
        <Empty icon={IconListSearch} title={words.empty.title} text={words.empty.text}>
          <Button component="a" href={orthancRoot()} target="_top" variant="default">
            {words.empty.action}
          </Button>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHeader title={words.title} intro={words.intro(chosen.length)}>
        <RouteNowButton resources={chosen} />
      </PageHeader>
      <Paper withBorder p="sm">
        <Table verticalSpacing={6} highlightOnHover layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="50%">{words.columns.resource}</Table.Th>
              <Table.Th>{words.columns.state}</Table.Th>
              <Table.Th visibleFrom="sm">{words.columns.destinations}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {chosen.slice((page - 1) * pageSize, page * pageSize).map((resource) => (
              <ChosenRow key={resource.id} resource={resource} />
            ))}
          </Table.Tbody>
        </Table>
        <PageTurner total={chosen.length} pageSize={pageSize} page={page} onChange={setPage} />
      </Paper>
    </>
  );
}
