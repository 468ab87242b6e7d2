// SPDX-License-Identifier: GPL-3.0-or-later
/** What a person writes to try a rule: a tag and its value a line, or JSON. */

export type Tags = Record<string, unknown>;

/**
 * Read tags: `Modality: CT` (or `=`) a line, a backslash between several values, or a JSON object.
 * Answers the number of the first line that says nothing instead, counted from 1.
 */
export function parseTags(text: string): { tags: Tags } | { line: number } {
  if (text.trim().startsWith("{")) {
    try {
      return { tags: JSON.parse(text) as Tags };
    } catch {
      return { line: 1 };
    }
  }
  const tags: Tags = {};
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const found = /^\s*((?:[^:="]|"[^"]*")+?)\s*[:=]\s?(.*)$/.exec(line);
    if (!found) return { line: index + 1 };
    tags[found[1] ?? ""] = (found[2] ?? "").trim();
  }
  return { tags };
}

/** Tags as a person would write them. */
export function writeTags(tags: Tags): string {
  const plain = Object.values(tags).every((value) => typeof value === "string");
  if (!plain) return JSON.stringify(tags, null, 2);
  return Object.entries(tags)
    .map(([tag, value]) => `${tag}: ${String(value)}`)
    .join("\n");
}
