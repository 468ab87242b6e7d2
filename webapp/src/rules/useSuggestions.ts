// SPDX-License-Identifier: GPL-3.0-or-later
import { useModalities } from "../api/destinations";
import { useStoredValues } from "../api/storedValues";
import { definedValues } from "./suggestions";

/** What a tag's value may well be: what is stored, who sends, and what the standard defines. */
export function useSuggestions(tag: string): string[] {
  const stored = useStoredValues(tag).data ?? [];
  const senders = useModalities(tag === "@RemoteAET").data?.map(({ aet }) => aet) ?? [];
  return [...new Set([...stored, ...senders, ...definedValues(tag)])];
}
