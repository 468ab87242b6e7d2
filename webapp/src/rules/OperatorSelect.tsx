// SPDX-License-Identifier: GPL-3.0-or-later
import { Select } from "@mantine/core";
import type { Operator } from "../api/ruleDocuments";
import { texts } from "../texts";
import { fits } from "./valueRepresentation";

export interface OperatorSelectProps {
  operators: Operator[] | undefined;
  vr: string | undefined;
  value: string;
  onChange: (name: string) => void;
  error: string | undefined;
  className: string | undefined;
}

/** The operators that make sense for the tag; one already chosen stays even where it does not. */
export function OperatorSelect({
  operators = [],
  vr,
  value,
  onChange,
  error,
  className,
}: OperatorSelectProps) {
  const offered = operators.filter((operator) => operator.name === value || fits(operator, vr));
  const data = offered.map((operator) => ({
    value: operator.name,
    label: texts.rules.sentence.phrases[operator.name] ?? operator.label,
  }));
  if (!data.some((one) => one.value === value))
    data.push({ value, label: texts.rules.sentence.phrases[value] ?? value });
  return (
    <Select
      className={className}
      aria-label={texts.rules.condition.operator}
      data={data}
      value={value}
      onChange={(name) => name && onChange(name)}
      allowDeselect={false}
      maxDropdownHeight={420}
      error={error}
    />
  );
}
