// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fault } from "../api/client";
import { texts } from "../texts";

const namesOfAll: Record<string, string> = {
  ...texts.destinations.editor.fieldNames,
  ...texts.policies.editor.fieldNames,
};

/** A place in a document in words: "actions › 2 › subject", counted from 1. */
export function placeWords(path: string, fieldNames = namesOfAll): string {
  const [first = "", ...others] = path
    .replace(/\[(\d+)\]/g, (_, index) => `.${Number(index) + 1}`)
    .split(".");
  return [fieldNames[first] ?? first, ...others].join(" › ");
}

/** A fault with its place: "actions › 1 › destination: There is no such destination". */
export function faultWords(fault: Fault): string {
  return fault.path ? `${placeWords(fault.path)}: ${fault.message}` : fault.message;
}
