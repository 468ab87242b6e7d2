// SPDX-License-Identifier: GPL-3.0-or-later
/** Places in a document, written as the server writes them: `actions[0].destination`. */

/**
 * What stands at a place; undefined where there is no such place. A field may have a dot in its name, as a
 * tag within a sequence does: the longest name that is there is meant.
 */
export function valueAt(document: unknown, path: string): unknown {
  if (path === "") return document;
  if (typeof document !== "object" || document === null) return undefined;
  const index = /^\[(\d+)\]/.exec(path);
  const name = index
    ? index[0]
    : Object.keys(document)
        .filter((field) => field !== "" && isWithin(path, field))
        .toSorted((a, b) => b.length - a.length)[0];
  if (name === undefined) return undefined;
  const value = (document as Record<string, unknown>)[index?.[1] ?? name];
  return valueAt(value, path.slice(name.length).replace(/^\./, ""));
}

/** Whether `path` is `place` or lies within it. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
}
