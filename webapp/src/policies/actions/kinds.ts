import type { ComponentType } from "react";
import type { Action } from "../../api/actions";
import type { Level } from "../../api/documents";
import { DeleteForm } from "./DeleteForm";
import { ForwardForm } from "./ForwardForm";
import { LabelForm } from "./LabelForm";
import { ModifyForm } from "./ModifyForm";
import { NotifyForm } from "./NotifyForm";
import { ProcessForm } from "./ProcessForm";

export interface ActionFormProps<Kind extends Action = Action> {
  action: Kind;
  /** Where the action stands in the document, for its faults. */
  place: string;
  level: Level;
  onChange: (action: Kind) => void;
}

type OfType<Type extends Action["type"]> = Extract<Action, { type: Type }>;

/** What is special about one type of action. */
interface ActionKind<Kind extends Action> {
  /** What a new action of this type begins with. */
  blank: () => Kind;
  Form: ComponentType<ActionFormProps<Kind>>;
}

const anyAction = { priority: "normal", select: "all" } as const;

/** What a policy can do, in the order in which it is offered. */
export const actionKinds: { [Type in Action["type"]]: ActionKind<OfType<Type>> } = {
  forward: { blank: () => ({ type: "forward", destination: "", ...anyAction }), Form: ForwardForm },
  notify: {
    blank: () => ({ type: "notify", destination: "", ...anyAction }),
    Form: NotifyForm,
  },
  process: {
    blank: () => ({
      type: "process",
      destination: "",
      ...anyAction,
      send: "multipart",
      deadline_seconds: 3600,
    }),
    Form: ProcessForm,
  },
  modify: {
    blank: () => ({ type: "modify", transform: {}, keep_original: true, ...anyAction }),
    Form: ModifyForm,
  },
  label: { blank: () => ({ type: "label", label: "", ...anyAction }), Form: LabelForm },
  delete: { blank: () => ({ type: "delete", ...anyAction }), Form: DeleteForm },
};

export const actionTypes = Object.keys(actionKinds) as Action["type"][];

/** The kind of an action; undefined for one that this page does not know. */
export function kindOf(action: Action): ActionKind<Action> | undefined {
  return (actionKinds as Partial<Record<string, unknown>>)[action.type] as ActionKind<Action> | undefined;
}
