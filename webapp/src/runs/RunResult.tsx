// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack } from "@mantine/core";
import { periodOf, type Run } from "../api/runs";
import { PreviewReport } from "./PreviewReport";
import { ReplayButton } from "./ReplayButton";
import { ReplayReport } from "./ReplayReport";
import { SimulationReport } from "./SimulationReport";

export interface RunResultProps {
  run: Run;
  /** The revision of the run's policy that is stored now, where that is known. */
  revision: number | undefined;
}

/** What came of a run, as its kind has it; nothing before there is a report. */
export function RunResult({ run, revision }: RunResultProps) {
  switch (run.kind) {
    case "preview":
      return run.report ? (
        <Stack gap="md">
          <ReplayButton preview={run} report={run.report} revision={revision} />
          <PreviewReport run={run} report={run.report} />
        </Stack>
      ) : null;
    case "simulation":
      return run.report ? <SimulationReport report={run.report} period={periodOf(run)} /> : null;
    default:
      return <ReplayReport run={run} report={run.report} />;
  }
}
