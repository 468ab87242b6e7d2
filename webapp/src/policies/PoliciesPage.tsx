// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Paper, Text, TextInput } from "@mantine/core";
import { IconListCheck, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useDestinations } from "../api/destinations";
import { usePolicies } from "../api/policies";
import { useMay } from "../api/health";
import { ExchangeMenu } from "../exchange/ExchangeMenu";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { PolicyTable } from "./PolicyTable";

const words = texts.policies;

/** All policies in the order in which images are compared with them. */
export function PoliciesPage() {
  const policies = usePolicies();
  const destinations = useDestinations();
  const mayEdit = useMay("edit");
  const [search, setSearch] = useState("");
  const found = policies.data?.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  return (
    <>
      <PageHeader title={words.title} intro={words.intro}>
        <ExchangeMenu />
        {mayEdit ? (
          <Button component={Link} to="/policies/new" leftSection={<IconPlus size={18} aria-hidden />}>
            {words.add}
          </Button>
        ) : null}
      </PageHeader>
      {policies.isPending ? <Waiting height={56} /> : null}
      {policies.isError && !policies.data ? (
        <Problem error={policies.error} retry={() => void policies.refetch()} />
      ) : null}
      {policies.data?.length === 0 ? (
        <Empty icon={IconListCheck} title={words.empty.title} text={words.empty.text}>
          {mayEdit ? (
            <Button component={Link} to="/policies/new">
              {words.empty.action}
            </Button>
          ) : null}
          {destinations.data?.length === 0 ? (
            <Text size="sm" c="dimmed">
              {words.empty.needsDestination}
            </Text>
          ) : null}
        </Empty>
      ) : null}
      {policies.data && policies.data.length > 0 ? (
        <Paper withBorder p="sm">
          <TextInput
            aria-label={words.searchLabel}
            placeholder={words.searchLabel}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            maw={360}
            mb="sm"
          />
          {found?.length ? (
            <PolicyTable
              policies={found}
              destinations={destinations.data}
              movable={mayEdit && search.trim() === ""}
            />
          ) : (
            <Text c="dimmed">{words.nothingFound}</Text>
          )}
        </Paper>
      ) : null}
    </>
  );
}
