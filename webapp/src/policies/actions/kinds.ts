import type { ComponentType } from "react";
import type { Action, Level } from "../../api/documents";
import { ForwardForm } from "./ForwardForm";

export interface ActionFormProps<Kind extends Action = Action> {
  action: Kind;
  /** Where the action stands in the document, for its faults. */
  place: string;
  level: Level;
  onChange: (action: Kind) => void;
}

export interface ActionKind<Kind extends Action = Action> {
  type: Kind["type"];
  /** What a new action of this kind begins with. */
  blank: () => Kind;
  Form: ComponentType<ActionFormProps<Kind>>;
}

/** What a policy can do, in the order in which it is offered. */
export const actionKinds: { [Type in Action["type"]]: ActionKind<Extract<Action, { type: Type }>> } = {
  forward: {
    type: "forward",
    blank: () => ({ type: "forward", destination: "", priority: "normal", select: "all" }),
    Form: ForwardForm,
  },
};
