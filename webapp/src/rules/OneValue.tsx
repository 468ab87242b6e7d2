// SPDX-License-Identifier: GPL-3.0-or-later
import { Autocomplete, TextInput } from "@mantine/core";
import { texts } from "../texts";
import { DateValue } from "./DateValue";
import { typed, type ValueKind } from "./valueRepresentation";

export interface OneValueProps {
  kind: ValueKind | "pattern";
  label: string;
  value: string | number;
  suggestions: string[];
  onChange: (value: string | number) => void;
  error: string | undefined;
}

/** A single value, typed in as its kind asks for. */
export function OneValue({ kind, label, value, suggestions, onChange, error }: OneValueProps) {
  const words = texts.rules.values;
  const text = String(value);
  const field = { "aria-label": label, error, w: "100%", spellCheck: false, autoComplete: "off" };
  switch (kind) {
    case "date":
    case "dateTime":
      return (
        <DateValue
          label={label}
          value={text}
          withTime={kind === "dateTime"}
          onChange={onChange}
          error={error}
        />
      );
    case "text":
      if (suggestions.length > 0)
        return <Autocomplete {...field} data={suggestions} value={text} onChange={onChange} />;
      return <TextInput {...field} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    default:
      return (
        <TextInput
          {...field}
          placeholder={
            {
              number: words.number,
              time: words.time,
              age: words.age,
              pattern: words.pattern,
              code: "1.2.840 …",
            }[kind]
          }
          inputMode={kind === "number" ? "decimal" : undefined}
          ff={kind === "pattern" || kind === "code" ? "monospace" : undefined}
          value={text}
          onChange={(event) =>
            onChange(kind === "pattern" ? event.currentTarget.value : typed(event.currentTarget.value, kind))
          }
        />
      );
  }
}
