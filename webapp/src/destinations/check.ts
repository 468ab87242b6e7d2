// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fault } from "../api/client";
import type { DestinationDraft } from "../api/destinationDocuments";
import { texts } from "../texts";

/** What of a destination is plainly not filled in yet. Everything else is for the server to judge. */
export function check(draft: DestinationDraft): Fault[] {
  return draft.name.trim() ? [] : [{ path: "name", message: texts.destinations.editor.missing.name }];
}
