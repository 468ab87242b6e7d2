// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Paper, Text, TextInput } from "@mantine/core";
import { IconMapPin, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useDestinations } from "../api/destinations";
import { useMay } from "../api/health";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { DestinationTable } from "./DestinationTable";

const words = texts.destinations;

/** All destinations, who uses them and how they are. */
export function DestinationsPage() {
  const destinations = useDestinations();
  const mayEdit = useMay("edit");
  const [search, setSearch] = useState("");
  const found = destinations.data?.filter(({ name }) =>
    name.toLowerCase().includes(search.trim().toLowerCase()),
  );
  return (
    <>
      <PageHeader title={words.title} intro={words.intro}>
        {mayEdit ? (
          <Button component={Link} to="/destinations/new" leftSection={<IconPlus size={18} aria-hidden />}>
            {words.add}
          </Button>
        ) : null}
      </PageHeader>
      {destinations.isPending ? <Waiting height={56} /> : null}
      {destinations.isError && !destinations.data ? (
        <Problem error={destinations.error} retry={() => void destinations.refetch()} />
      ) : null}
      {destinations.data?.length === 0 ? (
        <Empty icon={IconMapPin} title={words.empty.title} text={words.empty.text}>
          {mayEdit ? (
            <Button component={Link} to="/destinations/new">
              {words.empty.action}
            </Button>
          ) : null}
        </Empty>
      ) : null}
      {destinations.data && destinations.data.length > 0 ? (
        <Paper withBorder p="sm">
          {destinations.data.length > 5 ? (
            <TextInput
              aria-label={words.searchLabel}
              placeholder={words.searchLabel}
              leftSection={<IconSearch size={16} aria-hidden />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              maw={360}
              mb="sm"
            />
          ) : null}
          {found?.length ? (
            <DestinationTable destinations={found} />
          ) : (
            <Text c="dimmed">{words.nothingFound}</Text>
          )}
        </Paper>
      ) : null}
    </>
  );
}
