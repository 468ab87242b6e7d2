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
import { useFault } from "../editing/faults";
import { texts } from "../texts";
import { PairsInput } from "./PairsInput";
import { SecretState } from "./SecretState";
import type { Field } from "./settingsSchema";

const words = texts.destinations.editor;

export interface SettingFieldProps {
  field: Field;
  suggestions: string[];
  /** Whether a value of this secret is stored. */
  secretSet: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One setting; a secret tells whether it is set. */
export function SettingField(props: SettingFieldProps) {
  const { field, secretSet, value, onChange } = props;
  return (
    <div>
      <SettingInput {...props} />
      {field.secret && secretSet ? (
        <SecretState title={field.title} value={value} onChange={onChange} />
      ) : null}
    </div>
  );
}

/** The field that a setting's schema asks for. */
function SettingInput({ field, suggestions, secretSet, value, onChange }: SettingFieldProps) {
  const error = useFault(`settings.${field.name}`, true);
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
