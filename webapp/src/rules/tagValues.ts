// SPDX-License-Identifier: GPL-3.0-or-later
/** Tags with a value each, as rows that can be edited one by one. */

/** Give a row another tag, in its place; null where another row has that tag already. */
export function withTag<Value>(
  values: Record<string, Value>,
  before: string,
  after: string,
): Record<string, Value> | null {
  if (before === after) return values;
  if (after in values) return null;
  return Object.fromEntries(
    Object.entries(values).map(([tag, value]) => [tag === before ? after : tag, value]),
  );
}

export function withoutTag<Value>(values: Record<string, Value>, tag: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([other]) => other !== tag));
}

/** A value as DICOM writes it: a backslash between several. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join("\\");
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether a value can be typed into one field: no sequence. */
export function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPlain) : typeof value !== "object" || value === null;
}
