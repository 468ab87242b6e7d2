import type { Schema, Settings } from "../api/destinationDocuments";

/** How a setting is shown and typed in. */
export interface Field {
  name: string;
  title: string;
  description: string | undefined;
  /** Whether its value is taken and never given back. */
  secret: boolean;
  input: "text" | "password" | "longText" | "whole" | "number" | "choice" | "switch" | "texts" | "pairs";
  required: boolean;
  choices: string[];
  defaultValue: unknown;
  minimum: number | undefined;
  maximum: number | undefined;
}

/** The fields of a kind's settings in the schema's order. */
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
      choices: (one.enum ?? []).map(String),
      defaultValue: one.default,
      minimum: one.minimum,
      maximum: one.maximum,
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
      return "pairs";
    default:
      if (property.format === "multiline") return "longText";
      return isSecret(property) ? "password" : "text";
  }
}

function isSecret({ writeOnly, format }: Schema): boolean {
  return writeOnly === true || format === "password";
}

/** The settings with another value; an empty one is left out, so that the default holds. A null stays: it
 * removes a stored secret. */
export function withSetting(settings: Settings, name: string, value: unknown): Settings {
  const { [name]: _before, ...others } = settings;
  const empty = value === undefined || value === "";
  return empty ? others : { ...others, [name]: value };
}

/** The settings that another kind also has. */
export function settingsFor(schema: Schema, settings: Settings): Settings {
  const known = new Set(Object.keys(schema.properties ?? {}));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => known.has(name)));
}

/** Where a destination leads, in a few words for a list. */
export function whereabouts(settings: Settings): string {
  const text = (name: string): string => {
    const value = settings[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const host = [text("host"), text("port")].filter(Boolean).join(":");
  const address = [text("aet"), host].filter(Boolean).join(" @ ");
  return (
    text("modality") ||
    text("peer") ||
    text("server") ||
    text("url") ||
    [address, text("path")].filter(Boolean).join(" ")
  );
}
