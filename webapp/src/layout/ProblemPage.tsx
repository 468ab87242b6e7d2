// SPDX-License-Identifier: GPL-3.0-or-later
import { texts } from "../texts";
import { PageHeader } from "./PageHeader";
import { Problem } from "./Problem";

/** A page of which nothing can be shown but why. */
export function ProblemPage({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <>
      <PageHeader title={texts.problems.page} />
      <Problem error={error} retry={retry} />
    </>
  );
}
