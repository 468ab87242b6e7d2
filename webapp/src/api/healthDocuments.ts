// SPDX-License-Identifier: GPL-3.0-or-later
/** How the router is, as it crosses the API. */
import type { Health as WholeHealth, ShownUser } from "./schema";

export type { Absence, Altered, Lane, NodeState, RepeatedImages } from "./schema";
export type Role = ShownUser["roles"][number];

/** A router that does not work yet, or at all, tells only some of it. */
export type Health = Pick<WholeHealth, "status"> & Partial<WholeHealth>;
