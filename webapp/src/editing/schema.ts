// SPDX-License-Identifier: GPL-3.0-or-later
import type { Schema } from "../api/destinationDocuments";

/** How a value that a JSON Schema describes is shown and typed in. */
export interface Field {
  name: string;
  title: string;
  description: string | undefined;
  /** Whether its value is taken and never given back. */
  secret: boolean;
  /** `group`: an object with fields of its own; `template`: a text that values of tags are filled into. */
  input:
    | "text"
    | "template"
    | "password"
    | "longText"
    | "whole"
    | "number"
    | "choice"
    | "switch"
    | "texts"
    | "pairs"
    | "group";
  required: boolean;
  /** Whether few people need it. */
  rare: boolean;
  choices: { value: string; label: string }[];
  defaultValue: unknown;
  minimum: number | undefined;
  maximum: number | undefined;
  /** The schema of the value, for the fields of a group. */
  schema: Schema;
}

/** The fields that an object's schema asks for, in its order. */
export function fieldsOf(schema: Schema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const one = resolved(property, schema);
    return {
      name,
      title: one.title ?? name.replaceAll("_", " "),
      description: one.description,
      secret: isSecret(one),
      input: inputOf(one),
      required: schema.required?.includes(name) ?? false,
      rare: one["x-rare"] ?? false,
      choices: (one.enum ?? [])
        .map(String)
        .map((value) => ({ value, label: one["x-labels"]?.[value] ?? value })),
      defaultValue: one.default,
      minimum: one.minimum,
      maximum: one.maximum,
      schema: { ...one, $defs: schema.$defs ?? {} },
    };
  });
}

/** A property without references, wrappers of one, and the alternative of being absent. */
function resolved(property: Schema, root: Schema): Schema {
  const { $ref, allOf, anyOf, oneOf, ...own } = property;
  if ($ref) {
    const target = root.$defs?.[$ref.split("/").at(-1) ?? ""];
    return target ? { ...resolved(target, root), ...own } : own;
  }
  const alternatives = (anyOf ?? oneOf ?? allOf ?? []).filter((one) => one.type !== "null");
  const [first] = alternatives;
  return first ? { ...resolved(first, root), ...own } : own;
}

function inputOf(property: Schema): Field["input"] {
  if (property.enum) return "choice";
  switch (property.type) {
    case "boolean":
      return "switch";
    case "integer":
      return "whole";
    case "number":
      return "number";
    case "array":
      return "texts";
    case "object":
      return property.properties ? "group" : "pairs";
    default:
      if (property.format === "multiline") return "longText";
      if (property.format === "template") return "template";
      return isSecret(property) ? "password" : "text";
  }
}

function isSecret({ writeOnly, format }: Schema): boolean {
  return writeOnly === true || format === "password";
}

/** The values with another one; an empty one is left out, so that the default holds. A null stays: it removes a
 * stored secret. */
export function withValue<Values extends object>(values: Values, name: string, value: unknown): Values {
  const { [name]: _before, ...others } = values as Record<string, unknown>;
  const empty = value === undefined || value === "";
  return (empty ? others : { ...others, [name]: value }) as Values;
}
