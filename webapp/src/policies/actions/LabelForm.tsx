// SPDX-License-Identifier: GPL-3.0-or-later
import { Select, SimpleGrid } from "@mantine/core";
import type { LabelAction } from "../../api/actions";
import { levels } from "../../api/documents";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import type { ActionFormProps } from "./form";
import { TemplateInput } from "./TemplateInput";

const words = texts.actions.label;

/** Give a label to what the policy fires for, or to the series or study that it is in. */
export function LabelForm({ action, place, level, onChange }: ActionFormProps<LabelAction>) {
  const faults = { label: useFault(`${place}.label`), level: useFault(`${place}.level`) };
  const possible = levels.slice(levels.indexOf(level));
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TemplateInput
        label={words.label}
        kind="value"
        description={words.hint}
        placeholder={words.placeholder}
        required
        value={action.label}
        onChange={(label) => onChange({ ...action, label })}
        error={faults.label}
      />
      <Select
        label={words.level}
        placeholder={words.levels[level]}
        data={possible.map((value) => ({ value, label: words.levels[value] }))}
        value={action.level ?? null}
        onChange={(value) => onChange({ ...action, level: value })}
        clearable
        error={faults.level}
      />
    </SimpleGrid>
  );
}
