// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Button, Group, NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconChartAreaLine, IconZoomQuestion } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { PolicyDraft } from "../api/policyDocuments";
import { ApiError, type Fault } from "../api/client";
import { useMay } from "../api/health";
import { isOver, useRun, useStartRun, type RunStart } from "../api/runs";
import { FaultList } from "../editing/FaultList";
import { Section } from "../layout/Section";
import { texts } from "../texts";
import { RunOrders } from "./RunOrders";
import { RunProgress } from "./RunProgress";
import { RunResult } from "./RunResult";
import { SelectionFields } from "./SelectionFields";
import { selectionOf, usualChoice } from "./selection";

const words = texts.runs.start;
const kinds = ["preview", "simulation"] as const;
type Kind = (typeof kinds)[number];
/** The faults of a draft are shown here, all of them: its fields learn of them when it is saved. */
const nowhere = /(?!)/;

export interface PreviewPanelProps {
  /** What is stored of the policy; absent for one that is not saved yet. */
  stored: { id: string; revision: number } | undefined;
  /** The policy as it is being written; absent where it is as it is stored. */
  draft: PolicyDraft | undefined;
}

/** Finds out what a policy would do with what is stored, before it is saved or switched on. */
export function PreviewPanel({ stored, draft }: PreviewPanelProps) {
  const mayOperate = useMay("operate");
  const [kind, setKind] = useState<Kind>("preview");
  const [choice, setChoice] = useState(usualChoice);
  const [days, setDays] = useState<number | string>(7);
  const [begun, setBegun] = useState<string>();
  const start = useStartRun();
  const run = useRun(begun).data;
  if (!mayOperate) return null;

  const begin = (): void => {
    const about = { policy: stored?.id, ...(draft ? { draft } : {}) };
    const wanted: RunStart =
      kind === "preview"
        ? { kind, ...about, selection: selectionOf(choice, Date.now()) }
        : { kind, ...about, days: Number(days) };
    start.mutateAsync(wanted).then(
      ({ id }) => setBegun(id),
      // Why it was refused is shown below.
      () => setBegun(undefined),
    );
  };
  const busy = start.isPending || (run !== undefined && !isOver(run));
  return (
    <Section title={words.title}>
      <SegmentedControl
        w="fit-content"
        aria-label={words.what}
        data={kinds.map((one) => ({ value: one, label: words[one] }))}
        value={kind}
        onChange={setKind}
      />
      <Text size="sm" c="dimmed">
        {words[`${kind}Hint`]}
      </Text>
      {kind === "preview" ? (
        <SelectionFields choice={choice} onChange={setChoice} />
      ) : (
        <NumberInput
          label={words.days}
          description={words.daysHint}
          clampBehavior="strict"
          w={160}
          min={1}
          max={90}
          allowDecimal={false}
          value={days}
          onChange={setDays}
        />
      )}
      <Group gap="sm">
        <Button
          variant="light"
          leftSection={
            kind === "preview" ? (
              <IconZoomQuestion size={18} aria-hidden />
            ) : (
              <IconChartAreaLine size={18} aria-hidden />
            )
          }
          loading={busy}
          onClick={begin}
        >
          {words[`${kind}Action`]}
        </Button>
        {run ? <RunOrders run={run} /> : null}
        {run ? (
          <Anchor component={Link} to={`/runs/${run.id}`} fz="sm">
            {words.open}
          </Anchor>
        ) : null}
      </Group>
      <FaultList error={start.error} faults={faultsOf(start.error)} shown={nowhere} />
      {run ? (
        <Stack gap="md" aria-live="polite">
          <RunProgress run={run} />
          <RunResult run={run} revision={stored?.revision} />
        </Stack>
      ) : null}
    </Section>
  );
}

function faultsOf(error: Error | null): Fault[] {
  return error instanceof ApiError ? error.faults : [];
}
