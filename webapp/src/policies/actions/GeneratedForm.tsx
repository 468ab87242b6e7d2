// SPDX-License-Identifier: GPL-3.0-or-later
import { Fieldset, SimpleGrid, Stack } from "@mantine/core";
import type { Action, Transform } from "../../api/actions";
import type { Schema } from "../../api/destinationDocuments";
import { fieldsOf, withValue, type Field } from "../../editing/schema";
import { SchemaField } from "../../editing/SchemaField";
import { useFault } from "../../editing/faults";
import { DestinationField } from "./DestinationField";
import type { ActionFormProps } from "./form";
import { TemplateInput } from "./TemplateInput";
import { TransformField } from "./TransformField";

/** What `WhenAndWhat` asks for, and what nobody enters. */
const elsewhere = new Set(["type", "id", "priority", "window", "select", "send_back"]);

type Values = Record<string, unknown>;

/** The form of an action that has none made by hand: a field for each property of its schema. */
export function GeneratedForm({ action, place, schema, onChange }: ActionFormProps & { schema: Schema }) {
  const values: Values = { ...action };
  const change = (changed: Values): void => onChange(changed as unknown as Action);
  const names = new Set(Object.keys(schema.properties ?? {}));
  const destination = text(values.destination);
  return (
    <Stack gap="sm">
      {names.has("destination") ? (
        <DestinationField
          type={action.type}
          value={destination}
          place={place}
          onChange={(id) => change({ ...values, destination: id })}
        />
      ) : null}
      <Fields
        fields={fieldsOf(schema).filter(
          ({ name }) => !elsewhere.has(name) && name !== "destination" && name !== "transform",
        )}
        values={values}
        place={place}
        onChange={change}
      />
      {names.has("transform") ? (
        <TransformField
          transform={values.transform as Transform | null | undefined}
          place={`${place}.transform`}
          destination={destination}
          onChange={(transform) => change({ ...values, transform })}
        />
      ) : null}
    </Stack>
  );
}

interface FieldsProps {
  fields: Field[];
  values: Values;
  place: string;
  onChange: (values: Values) => void;
}

function Fields({ fields, values, place, onChange }: FieldsProps) {
  const props = (field: Field): FieldProps => ({
    field,
    place: `${place}.${field.name}`,
    value: values[field.name],
    onChange: (value) => onChange(withValue(values, field.name, value)),
  });
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {fields.map((field) =>
        field.input === "group" ? (
          <Group key={field.name} {...props(field)} />
        ) : field.input === "template" ? (
          <Template key={field.name} {...props(field)} />
        ) : (
          <SchemaField key={field.name} {...props(field)} />
        ),
      )}
    </SimpleGrid>
  );
}

interface FieldProps {
  field: Field;
  place: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Group({ field, place, value, onChange }: FieldProps) {
  return (
    <Fieldset legend={field.title}>
      <Fields
        fields={fieldsOf(field.schema)}
        values={typeof value === "object" && value !== null ? { ...value } : {}}
        place={place}
        onChange={onChange}
      />
    </Fieldset>
  );
}

function Template({ field, place, value, onChange }: FieldProps) {
  const { title, description, required } = field;
  return (
    <TemplateInput
      label={title}
      {...(description === undefined ? {} : { description })}
      required={required}
      value={text(value)}
      onChange={onChange}
      error={useFault(place)}
    />
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
