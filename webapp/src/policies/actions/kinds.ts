// SPDX-License-Identifier: GPL-3.0-or-later
import type { ComponentType } from "react";
import type { Action } from "../../api/actions";
import { useActionTypes, type ActionType } from "../../api/actionTypes";
import type { Schema } from "../../api/destinationDocuments";
import { DeleteForm } from "./DeleteForm";
import type { ActionFormProps } from "./form";
import { ForwardForm } from "./ForwardForm";
import { LabelForm } from "./LabelForm";
import { ModifyForm } from "./ModifyForm";
import { NotifyForm } from "./NotifyForm";
import { ProcessForm } from "./ProcessForm";

/** What is special about one type of action. */
interface ActionKind<Kind extends Action = Action> {
  /** What a new action of this type begins with. */
  blank: () => Kind;
  /** Its form: made by hand, or from the schema of the action. */
  form: ComponentType<ActionFormProps<Kind>> | Schema;
  /** Whether it gives images to a destination, from where some of them may have come. */
  sendsBack: boolean;
}

type OfType<Type extends Action["type"]> = Extract<Action, { type: Type }>;

const anyAction = { priority: "normal", select: "all" } as const;

/** The forms that are made by hand, in the order in which the actions are offered. */
const byHand: { [Type in Action["type"]]: ActionKind<OfType<Type>> } = {
  forward: {
    blank: () => ({ type: "forward", destination: "", ...anyAction }),
    form: ForwardForm,
    sendsBack: true,
  },
  notify: {
    blank: () => ({ type: "notify", destination: "", ...anyAction }),
    form: NotifyForm,
    sendsBack: false,
  },
  process: {
    blank: () => ({
      type: "process",
      destination: "",
      ...anyAction,
      send: "multipart",
      deadline_seconds: 3600,
    }),
    form: ProcessForm,
    sendsBack: true,
  },
  modify: {
    blank: () => ({ type: "modify", transform: {}, keep_original: true, ...anyAction }),
    form: ModifyForm,
    sendsBack: false,
  },
  label: {
    blank: () => ({ type: "label", label: "", ...anyAction }),
    form: LabelForm,
    sendsBack: false,
  },
  delete: { blank: () => ({ type: "delete", ...anyAction }), form: DeleteForm, sendsBack: false },
};

/** What a policy can do, by type: what has a form made by hand, and then what only the server knows. */
export function useActionKinds(): Map<string, ActionKind> {
  const { data = [] } = useActionTypes();
  const others = data.filter(({ type }) => !(type in byHand));
  return new Map([
    ...(Object.entries(byHand) as unknown as [string, ActionKind][]),
    ...others.map((one): [string, ActionKind] => [one.type, ofServer(one)]),
  ]);
}

function ofServer({ type, schema }: ActionType): ActionKind {
  const has = (name: string): boolean => name in (schema.properties ?? {});
  const blank = { type, ...(has("destination") ? { destination: "" } : {}), ...anyAction };
  return { blank: () => blank as unknown as Action, form: schema, sendsBack: has("send_back") };
}
