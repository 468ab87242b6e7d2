// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Button, Group, Stack } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "react-router";
import { useMay } from "../api/health";
import { usePolicy } from "../api/policies";
import { isOver, useDeleteRun, useRun, type Run } from "../api/runs";
import { BackLink } from "../layout/BackLink";
import { refused, told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { ProblemPage } from "../layout/ProblemPage";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { lengthOfTime } from "../layout/times";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { runTitle } from "./names";
import { RunOrders } from "./RunOrders";
import { RunProgress } from "./RunProgress";
import { RunResult } from "./RunResult";
import { RunStateBadge } from "./RunStateBadge";
import { said } from "./said";

const words = texts.runs;

/** One run: how far it is, and what came of it. */
export function RunPage() {
  const { id = "" } = useParams();
  const found = useRun(id);
  if (found.data) return <Shown run={found.data} />;
  if (found.isError) return <ProblemPage error={found.error} retry={() => void found.refetch()} />;
  return <Waiting height={90} />;
}

function Shown({ run }: { run: Run }) {
  const { policy, started_at: begun, finished_at: ended } = run;
  const stored = usePolicy(policy?.id ?? undefined).data;
  const seconds = begun && ended ? (Date.parse(ended) - Date.parse(begun)) / 1000 : null;
  return (
    <>
      <PageHeader
        title={runTitle(run)}
        before={<BackLink to="/runs" label={words.back} />}
        intro={
          <Group gap="xs">
            <RunStateBadge state={run.state} />
            <span>{said(run)}</span>
            <span>
              <Time at={run.created_at} /> {words.by(run.created_by)}
            </span>
            {seconds === null ? null : <span>{words.took(lengthOfTime(seconds))}</span>}
            {policy?.id ? (
              <Anchor component={Link} to={`/policies/${policy.id}`} underline="always">
                {policy.name}
              </Anchor>
            ) : null}
          </Group>
        }
      >
        <RunOrders run={run} />
        <Removal run={run} />
      </PageHeader>
      <Section title={words.kinds[run.kind]}>
        <Stack gap="md">
          <RunProgress run={run} />
          <RunResult run={run} revision={stored?.revision} />
        </Stack>
      </Section>
    </>
  );
}

function Removal({ run }: { run: Run }) {
  const navigate = useNavigate();
  const mayOperate = useMay("operate");
  const deletion = useDeleteRun();
  if (!isOver(run) || !mayOperate) return null;
  const remove = async (): Promise<void> => {
    try {
      await deletion.mutateAsync(run.id);
      told(words.orders.deleted);
      await navigate("/runs");
    } catch (error) {
      refused(error);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<IconTrash size={18} aria-hidden />}
      loading={deletion.isPending}
      onClick={() => void remove()}
    >
      {words.orders.delete}
    </Button>
  );
}
