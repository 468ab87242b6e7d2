import type { DestinationDraft } from "../api/documents";

/** What a new destination begins with. */
export const blankDestination: DestinationDraft = {
  name: "",
  kind: "dicom",
  enabled: true,
  settings: {},
  retry: { attempts: 12, initial_seconds: 5, max_seconds: 3600 },
  concurrency: 1,
  batch: 500,
  alternate: null,
};
