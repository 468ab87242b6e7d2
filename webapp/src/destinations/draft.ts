// SPDX-License-Identifier: GPL-3.0-or-later
import type { Destination, DestinationDraft } from "../api/destinationDocuments";
import { draftOf } from "../api/draftOf";

/** What a new destination begins with. */
export const blankDestination: DestinationDraft = {
  name: "",
  kind: "dicom",
  enabled: true,
  external: false,
  settings: {},
  retry: { attempts: 200, initial_seconds: 5, max_seconds: 3600 },
  concurrency: null,
  batch: 500,
  alternate: null,
  comment: "",
};

/** A stored destination as it may be sent back; a secret that is left out stays. */
export function destinationDraft(destination: Destination): DestinationDraft {
  const { secrets_set, ...draft } = draftOf(destination);
  return draft;
}
