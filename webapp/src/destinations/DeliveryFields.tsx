import { NumberInput, Select, SimpleGrid, Text } from "@mantine/core";
import { useDestinations } from "../api/destinations";
import type { DestinationDraft, Retry } from "../api/documents";
import { useFault } from "../editing/faults";
import { texts } from "../texts";

const words = texts.destinations.editor;

export interface DeliveryFieldsProps {
  draft: DestinationDraft;
  /** The destination's own id; it is no alternate for itself. */
  id: string | undefined;
  onChange: (patch: Partial<DestinationDraft>) => void;
}

/** How often, how many at once, and what to do when nothing helps. */
export function DeliveryFields({ draft, id, onChange }: DeliveryFieldsProps) {
  const others = (useDestinations().data ?? []).filter((one) => one.id !== id);
  const alternate = others.find((one) => one.id === draft.alternate || one.name === draft.alternate);
  const retry = (patch: Partial<Retry>): void => onChange({ retry: { ...draft.retry, ...patch } });
  const number = { hideControls: true, clampBehavior: "none" } as const;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          {...number}
          label={words.retry.attempts}
          allowDecimal={false}
          value={draft.retry.attempts}
          onChange={(value) => retry({ attempts: Number(value) })}
          error={useFault("retry.attempts")}
        />
        <NumberInput
          {...number}
          label={words.retry.initial}
          value={draft.retry.initial_seconds}
          onChange={(value) => retry({ initial_seconds: Number(value) })}
          error={useFault("retry.initial_seconds")}
        />
        <NumberInput
          {...number}
          label={words.retry.max}
          value={draft.retry.max_seconds}
          onChange={(value) => retry({ max_seconds: Number(value) })}
          error={useFault("retry.max_seconds")}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {words.retry.hint}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          {...number}
          label={words.concurrency}
          allowDecimal={false}
          value={draft.concurrency}
          onChange={(value) => onChange({ concurrency: Number(value) })}
          error={useFault("concurrency")}
        />
        <NumberInput
          {...number}
          label={words.batch}
          allowDecimal={false}
          value={draft.batch}
          onChange={(value) => onChange({ batch: Number(value) })}
          error={useFault("batch")}
        />
        <Select
          label={words.alternate}
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
