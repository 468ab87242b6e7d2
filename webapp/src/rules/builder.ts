// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from "react";
import type { TreeNode } from "./tree";

/** What the parts of the rule builder share. */
export interface Builder {
  /** Put another node in the place of the one with this id. */
  replace: (id: string | undefined, node: TreeNode) => void;
  /** Where a node stands in the document, for its faults. */
  placeOf: (id: string | undefined) => string;
}

export const BuilderContext = createContext<Builder>({
  replace: () => undefined,
  placeOf: () => "",
});
