// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Anchor, List } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Fault } from "../api/client";
import { Problem } from "../layout/Problem";
import { faultWords } from "../layout/placeWords";
import { texts } from "../texts";
import { fieldOf } from "./fieldOf";

/** Why a document was not saved: every fault, as a link to the field that has it. The first field that has one
 * gets the focus. `shown` matches the places of which a field shows the faults. */
export function FaultList({ error, faults, shown }: { error: unknown; faults: Fault[]; shown: RegExp }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus();
  }, [error]);
  if (!error) return null;
  if (faults.length === 0) return isFaulty(error) ? null : <Problem error={error} />;
  const go = (fault: Fault): void => {
    const field = list.current && fieldOf(fault, list.current);
    field?.scrollIntoView({ block: "center" });
    field?.focus({ preventScroll: true });
  };
  return (
    <Alert
      ref={list}
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={texts.problems.invalid.fix(faults.length)}
    >
      <List size="sm">
        {faults.map((fault) => (
          <List.Item key={`${fault.path} ${fault.message}`}>
            {shown.test(fault.path) ? (
              <Anchor component="button" type="button" size="sm" ta="start" onClick={() => go(fault)}>
                {faultWords(fault)}
              </Anchor>
            ) : (
              faultWords(fault)
            )}
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
