// SPDX-License-Identifier: GPL-3.0-or-later
import { texts } from "../texts";

/** An event in words; as it is written where there are none for it. */
export function eventWords(event: string): string {
  return (texts.audit.events as Partial<Record<string, string>>)[event] ?? event;
}
