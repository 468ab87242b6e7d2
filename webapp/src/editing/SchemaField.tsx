// SPDX-License-Identifier: GPL-3.0-or-later
import {
  Autocomplete,
  NumberInput,
  PasswordInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useFault } from "./faults";
import { texts } from "../texts";
import { PairsInput } from "./PairsInput";
import { SecretState } from "./SecretState";
import type { Field } from "./schema";

const words = texts.destinations.editor;

export interface SchemaFieldProps {
  field: Field;
  /** Where the value stands in the document, for its faults. */
  place: string;
  suggestions?: string[];
  /** Whether a value of this secret is stored. */
  secretSet?: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One value that a schema describes; a secret tells whether it is set. */
export function SchemaField(props: SchemaFieldProps) {
  const { field, secretSet = false, value, onChange } = props;
  return (
    <div>
      <SchemaInput {...props} />
      {field.secret && secretSet ? (
        <SecretState title={field.title} value={value} onChange={onChange} />
      ) : null}
    </div>
  );
}

/** The field that a schema asks for. */
function SchemaInput({
  field,
  place,
  suggestions = [],
  secretSet = false,
  value,
  onChange,
}: SchemaFieldProps) {
  const error = useFault(place, true);
  const shared = {
    label: field.title,
    description: field.description,
    required: field.required,
    error,
  };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const placeholder =
    field.defaultValue === undefined || field.defaultValue === null
      ? undefined
      : shownDefault(field.defaultValue);

  switch (field.input) {
    case "switch":
      return (
        <Switch
          {...shared}
          checked={typeof value === "boolean" ? value : field.defaultValue === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...shared}
          data={field.choices}
          value={text === "" ? (placeholder ?? null) : text}
          onChange={(chosen) => onChange(chosen ?? undefined)}
          clearable={!field.required && !placeholder}
        />
      );
    case "whole":
    case "number":
      return (
        <NumberInput
          {...shared}
          placeholder={placeholder}
          value={typeof value === "number" ? value : text}
          onChange={onChange}
          allowDecimal={field.input === "number"}
          min={field.minimum}
          max={field.maximum}
          clampBehavior="none"
          hideControls
        />
      );
    case "password":
      return (
        <PasswordInput
          {...shared}
          placeholder={secretSet ? words.secret.dots : undefined}
          autoComplete="new-password"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "longText":
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          maxRows={12}
          placeholder={field.secret && secretSet ? words.secret.dots : undefined}
          styles={{ input: { fontFamily: "monospace" } }}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "texts":
      return (
        <TagsInput
          {...shared}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
          clearable
        />
      );
    case "pairs":
      return <PairsInput {...shared} value={value} onChange={onChange} />;
    case "group":
      return null;
    case "template":
    case "text":
      return suggestions.length > 0 ? (
        <Autocomplete
          {...shared}
          data={suggestions}
          placeholder={placeholder}
          value={text}
          onChange={onChange}
        />
      ) : (
        <TextInput
          {...shared}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function shownDefault(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
