// SPDX-License-Identifier: GPL-3.0-or-later
import type { Action } from "../../api/actions";
import type { Level } from "../../api/documents";

export interface ActionFormProps<Kind extends Action = Action> {
  action: Kind;
  /** Where the action stands in the document, for its faults. */
  place: string;
  level: Level;
  onChange: (action: Kind) => void;
}
