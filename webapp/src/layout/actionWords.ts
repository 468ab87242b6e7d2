// SPDX-License-Identifier: GPL-3.0-or-later
import { useActionTypes } from "../api/actionTypes";
import { texts } from "../texts";

export interface ActionWords {
  /** What the action is called, and what it is for. */
  label: string;
  hint: string;
  /** What a policy with it does, before the name of the destination. */
  summary: string;
}

/** How to speak of actions: in this page's words, else in the server's, else by their type. */
export function useActionWords(): (type: string) => ActionWords {
  const { data = [] } = useActionTypes();
  return (type) => {
    const told = data.find((one) => one.type === type);
    return {
      label: word(texts.actions.types, type) ?? told?.label ?? type,
      hint: word(texts.actions.typeHints, type) ?? told?.hint ?? "",
      summary: word(texts.policies.actionNames, type) ?? told?.summary ?? type,
    };
  };
}

function word(words: Partial<Record<string, string>>, type: string): string | undefined {
  return words[type];
}
