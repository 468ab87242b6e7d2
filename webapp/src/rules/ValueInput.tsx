// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, TagsInput, Text } from "@mantine/core";
import type { ConditionValue } from "../api/policyDocuments";
import type { ValueForm } from "../api/ruleDocuments";
import { texts } from "../texts";
import { OneValue } from "./OneValue";
import { useSuggestions } from "./useSuggestions";
import { typed, valueKind, type ValueKind } from "./valueRepresentation";

export interface ValueInputProps {
  form: ValueForm;
  operator: string;
  tag: string;
  vr: string | undefined;
  value: ConditionValue | null | undefined;
  onChange: (value: ConditionValue) => void;
  error: string | undefined;
}

/** What an operator compares with: nothing, one value, two ends, or a list. */
export function ValueInput({ form, operator, tag, vr, value, onChange, error }: ValueInputProps) {
  const words = texts.rules.condition;
  const kind: ValueKind | "pattern" = operator.endsWith("matches") ? "pattern" : valueKind(vr);
  const suggestions = useSuggestions(tag);
  const values = value === undefined || value === null ? [] : typeof value === "object" ? value : [value];
  const one = { kind, suggestions, error };

  switch (form) {
    case "none":
      return error ? <Text c="var(--mantine-color-error)">{error}</Text> : null;
    case "one":
      return <OneValue {...one} label={words.value} value={values[0] ?? ""} onChange={onChange} />;
    case "two": {
      const [low = "", high = ""] = values;
      return (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <OneValue
            {...one}
            label={words.from}
            value={low}
            onChange={(changed) => onChange([changed, high])}
          />
          <Text size="sm" pt={7}>
            {words.and}
          </Text>
          <OneValue
            {...one}
            error={undefined}
            label={words.to}
            value={high}
            onChange={(changed) => onChange([low, changed])}
          />
        </Group>
      );
    }
    case "list":
      return (
        <TagsInput
          aria-label={words.value}
          placeholder={values.length === 0 ? words.valuesPlaceholder : undefined}
          data={suggestions}
          value={values.map(String)}
          onChange={(list) => onChange(list.map((text) => typed(text, valueKind(vr))))}
          splitChars={["\\"]}
          clearable
          error={error}
        />
      );
  }
}
