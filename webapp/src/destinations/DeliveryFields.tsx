// SPDX-License-Identifier: GPL-3.0-or-later
import { NumberInput, Select, SimpleGrid } from "@mantine/core";
import { useDestinationKinds, useDestinations } from "../api/destinations";
import type { DestinationDraft, Retry } from "../api/destinationDocuments";
import { useFault } from "../editing/faults";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";
import { spanOf } from "./retry";

const words = texts.destinations.editor;

export interface DeliveryFieldsProps {
  draft: DestinationDraft;
  /** The destination's own id; it is no alternate for itself. */
  id: string | undefined;
  onChange: (patch: Partial<DestinationDraft>) => void;
}

/** How often, how many at once, and what to do when nothing helps. */
export function DeliveryFields({ draft, id, onChange }: DeliveryFieldsProps) {
  const kinds = useDestinationKinds().data;
  const abilities = (kind: string): string[] => kinds?.find((one) => one.kind === kind)?.actions ?? [];
  const own = abilities(draft.kind);
  const others = (useDestinations().data ?? []).filter(
    (one) =>
      one.id !== id &&
      (one.id === draft.alternate || abilities(one.kind).some((action) => own.includes(action))),
  );
  const batchFault = useFault("batch");
  // Only what takes images takes them in portions.
  const sendsImages = own.includes("forward") || batchFault !== undefined;
  const alternate = others.find((one) => one.id === draft.alternate || one.name === draft.alternate);
  const retry = (patch: Partial<Retry>): void => onChange({ retry: { ...draft.retry, ...patch } });
  const number = { hideControls: true, clampBehavior: "none" } as const;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          {...number}
          label={words.retry.attempts}
          description={words.retry.attemptsHint}
          allowDecimal={false}
          value={draft.retry.attempts}
          onChange={(value) => retry({ attempts: Number(value) })}
          error={useFault("retry.attempts")}
        />
        <NumberInput
          {...number}
          label={words.retry.initial}
          description={words.retry.initialHint}
          value={draft.retry.initial_seconds}
          onChange={(value) => retry({ initial_seconds: Number(value) })}
          error={useFault("retry.initial_seconds")}
        />
        <NumberInput
          {...number}
          label={words.retry.max}
          description={words.retry.span(lengthOfTime(spanOf(draft.retry)))}
          value={draft.retry.max_seconds}
          onChange={(value) => retry({ max_seconds: Number(value) })}
          error={useFault("retry.max_seconds")}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          {...number}
          label={words.concurrency}
          description={words.concurrencyHint}
          allowDecimal={false}
          placeholder={words.concurrencyUnset}
          value={draft.concurrency ?? ""}
          onChange={(value) => onChange({ concurrency: value === "" ? null : Number(value) })}
          error={useFault("concurrency")}
        />
        {sendsImages ? (
          <NumberInput
            {...number}
            label={words.batch}
            description={words.batchHint}
            allowDecimal={false}
            value={draft.batch}
            onChange={(value) => onChange({ batch: Number(value) })}
            error={batchFault}
          />
        ) : null}
        <Select
          label={words.alternate}
          description={words.alternateHint}
          placeholder={words.alternatePlaceholder}
          data={others.map(({ id: value, name }) => ({ value, label: name }))}
          value={alternate?.id ?? null}
          onChange={(value) => onChange({ alternate: value })}
          clearable
          error={useFault("alternate")}
        />
      </SimpleGrid>
    </>
  );
}
