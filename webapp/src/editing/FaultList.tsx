import { Alert, List } from "@mantine/core";
import { useEffect } from "react";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Problem } from "../layout/Problem";
import { problemWords } from "../layout/problemWords";
import type { Fault } from "../api/client";
import { texts } from "../texts";

/** Why a document was not saved; faults that no field shows are listed.
 * The first field that has one gets the focus. */
export function FaultList({ error, faults, shown }: { error: unknown; faults: Fault[]; shown: RegExp }) {
  useEffect(() => {
    if (error) document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus();
  }, [error]);
  if (!error) return null;
  const others = faults.filter((fault) => !shown.test(fault.path));
  if (others.length === 0) return faults.length > 0 || !isFaulty(error) ? <Problem error={error} /> : null;
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={problemWords(error).title}
    >
      {faults.length > others.length ? texts.problems.otherFaults : null}
      <List size="sm">
        {others.map((fault) => (
          <List.Item key={`${fault.path} ${fault.message}`}>
            {fault.path ? `${fault.path}: ` : null}
            {fault.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Once all faults have been mended, there is nothing left to say. */
function isFaulty(error: unknown): boolean {
  return (
    error instanceof Error && "faults" in error && Array.isArray(error.faults) && error.faults.length > 0
  );
}
