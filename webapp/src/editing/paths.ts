/** Places in a document, written as the server writes them: `actions[0].destination`. */

export function pathParts(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) =>
    index === undefined ? (name ?? "") : Number(index),
  );
}

/** What stands at a place; undefined where there is no such place. */
export function valueAt(document: unknown, path: string): unknown {
  return pathParts(path).reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    document,
  );
}

/** Whether `path` is `place` or lies within it. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
}
