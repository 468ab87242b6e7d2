// SPDX-License-Identifier: GPL-3.0-or-later
import { Input } from "@mantine/core";
import type { TagValue, TagValues } from "../../../api/actions";
import { useFault } from "../../../editing/faults";
import { TagList } from "../../../rules/TagList";
import { TagRows } from "../../../rules/TagRows";
import { valueText } from "../../../rules/tagValues";
import { texts } from "../../../texts";
import { TemplateInput } from "../TemplateInput";
import { changesMany, type TransformPartProps } from "./transform";

const words = texts.actions.transform;

/** Single tags: given a value, added, taken away, left alone. */
export function TagFields({ transform, place, onChange }: TransformPartProps) {
  const keep = transform.keep ?? [];
  return (
    <>
      {(["replace", "insert"] as const).map((field) => (
        <Values
          key={field}
          label={words[field]}
          description={words.valueHints[field]}
          place={`${place}.${field}`}
          values={transform[field] ?? {}}
          onChange={(values) => onChange({ ...transform, [field]: values })}
        />
      ))}
      <TagList
        label={words.remove}
        place={`${place}.remove`}
        tags={transform.remove ?? []}
        onChange={(tags) => onChange({ ...transform, remove: tags })}
      />
      {changesMany(transform) || keep.length > 0 ? (
        <TagList
          label={words.keep}
          description={words.keepHint}
          place={`${place}.keep`}
          tags={keep}
          onChange={(tags) => onChange({ ...transform, keep: tags })}
        />
      ) : null}
    </>
  );
}

interface ValuesProps {
  label: string;
  description: string;
  place: string;
  values: TagValues;
  onChange: (values: TagValues) => void;
}

function Values({ label, description, place, values, onChange }: ValuesProps) {
  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={useFault(place)}
      labelElement="div"
      inputWrapperOrder={["label", "description", "error", "input"]}
    >
      <TagRows<TagValue>
        label={label}
        add={texts.rules.rows.add}
        place={place}
        values={values}
        blank=""
        onChange={onChange}
        field={(tag, value, change) => (
          <TemplateInput
            label={texts.rules.rows.value(tag)}
            hiddenLabel
            kind="value"
            placeholder={words.valuePlaceholder}
            value={valueText(value)}
            onChange={change}
            extras={words.functions}
          />
        )}
      />
    </Input.Wrapper>
  );
}
