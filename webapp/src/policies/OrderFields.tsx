// SPDX-License-Identifier: GPL-3.0-or-later
import { Checkbox, NumberInput, Stack } from "@mantine/core";
import type { PolicyDraft } from "../api/policyDocuments";
import { useFault } from "../editing/faults";
import { texts } from "../texts";

const words = texts.policies.editor.order;

export interface OrderFieldsProps {
  draft: PolicyDraft;
  onChange: (patch: Partial<PolicyDraft>) => void;
}

/** Where the policy stands among the others. */
export function OrderFields({ draft, onChange }: OrderFieldsProps) {
  return (
    <Stack gap="sm">
      <NumberInput
        label={words.order}
        description={words.orderHint}
        allowDecimal={false}
        w={{ base: "100%", xs: 220 }}
        value={draft.order}
        onChange={(value) => onChange({ order: Number(value) })}
        error={useFault("order")}
      />
      <Checkbox
        label={words.stop}
        checked={draft.stop}
        onChange={(event) => onChange({ stop: event.currentTarget.checked })}
      />
      <Checkbox
        label={words.fallback}
        checked={draft.fallback}
        onChange={(event) => onChange({ fallback: event.currentTarget.checked })}
      />
    </Stack>
  );
}
