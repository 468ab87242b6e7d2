// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Button, Group, Paper, Select, Table, Text } from "@mantine/core";
import { IconPlayerTrackNext } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { runKinds, runStates, useRuns, type Run, type RunKind, type RunState } from "../api/runs";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { PageTurner } from "../layout/PageTurner";
import { Problem } from "../layout/Problem";
import { Time } from "../layout/Time";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { runTitle } from "./names";
import { RunStateBadge } from "./RunStateBadge";
import { said } from "./said";

const words = texts.runs;
const pageSize = 50;

/** All runs, newest first, as the address asks for them. */
export function RunsPage() {
  const [address, setAddress] = useSearchParams();
  const kind = runKinds.find((one) => one === address.get("kind"));
  const state = runStates.find((one) => one === address.get("state"));
  const policy = address.get("policy") ?? undefined;
  const page = Math.max(1, Math.trunc(Number(address.get("page"))) || 1);
  const found = useRuns({ kind, state, policy }, { limit: pageSize, offset: (page - 1) * pageSize });
  const filtered = Boolean(kind ?? state ?? policy);
  const change = (name: string, value: string | null): void =>
    setAddress((before) => {
      const after = new URLSearchParams(before);
      if (name !== "page") after.delete("page");
      if (value) after.set(name, value);
      else after.delete(name);
      return after;
    });
  const total = found.data?.total ?? 0;
  return (
    <>
      <PageHeader title={words.title} intro={words.intro} />
      {found.data && total === 0 && !filtered ? (
        <Empty icon={IconPlayerTrackNext} title={words.empty.title} text={words.empty.text}>
          <Button component={Link} to="/policies" variant="default">
            {words.empty.action}
          </Button>
        </Empty>
      ) : (
        <Paper withBorder p="sm">
          <Group gap="xs" mb="sm">
            <Choice<RunKind>
              label={words.filters.kind}
              any={words.filters.anyKind}
              names={words.kinds}
              value={kind}
              onChange={(value) => change("kind", value)}
            />
            <Choice<RunState>
              label={words.filters.state}
              any={words.filters.anyState}
              names={words.states}
              value={state}
              onChange={(value) => change("state", value)}
            />
          </Group>
          {found.isPending ? <Waiting /> : null}
          {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
          {found.data && total === 0 ? <Text c="dimmed">{words.nothingFound}</Text> : null}
          {found.data && total > 0 ? (
            <>
              <RunTable runs={found.data.items} />
              <PageTurner
                total={total}
                pageSize={pageSize}
                page={page}
                onChange={(chosen) => change("page", String(chosen))}
              />
            </>
          ) : null}
        </Paper>
      )}
    </>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  any: string;
  names: Record<Value, string>;
  value: Value | undefined;
  onChange: (value: string | null) => void;
}

function Choice<Value extends string>({ label, any, names, value, onChange }: ChoiceProps<Value>) {
  return (
    <Select
      aria-label={label}
      placeholder={any}
      data={Object.entries<string>(names).map(([name, text]) => ({ value: name, label: text }))}
      value={value ?? null}
      onChange={onChange}
      clearable
      w={180}
    />
  );
}

function RunTable({ runs }: { runs: Run[] }) {
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing={6} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.columns.kind}</Table.Th>
            <Table.Th>{words.columns.state}</Table.Th>
            <Table.Th ta="right" visibleFrom="xs">
              {words.columns.progress}
            </Table.Th>
            <Table.Th visibleFrom="sm">{words.columns.started}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Anchor component={Link} to={`/runs/${run.id}`}>
                  {runTitle(run)}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {said(run)}
                </Text>
                <Text size="xs" c="dimmed" hiddenFrom="sm">
                  <Time at={run.created_at} />
                </Text>
              </Table.Td>
              <Table.Td>
                <RunStateBadge state={run.state} />
              </Table.Td>
              <Table.Td ta="right" visibleFrom="xs" style={{ whiteSpace: "nowrap" }}>
                {run.progress.studies_done.toLocaleString()}
                {run.progress.studies_total === null
                  ? ""
                  : ` / ${run.progress.studies_total.toLocaleString()}`}
              </Table.Td>
              <Table.Td visibleFrom="sm" style={{ whiteSpace: "nowrap" }}>
                <Time at={run.created_at} />
                <Text size="xs" c="dimmed">
                  {words.by(run.created_by)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
