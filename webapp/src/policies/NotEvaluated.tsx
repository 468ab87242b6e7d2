// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert } from "@mantine/core";
import { ApiError } from "../api/client";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

/** Why a rule could not be tried: it is not finished yet, or something is really wrong. */
export function NotEvaluated({ error }: { error: Error }) {
  if (!(error instanceof ApiError) || error.status !== 422) return <Problem error={error} />;
  return (
    <Alert color="gray" title={texts.policies.editor.tryIt.notYet}>
      {error.faults.map((fault) => fault.message).join(" · ") || error.message}
    </Alert>
  );
}
