// SPDX-License-Identifier: GPL-3.0-or-later
export const studies = {
  levels: { instance: "Image", series: "Series", study: "Study" },
  part: (level: string, images: string) => `${level} · ${images}`,
  wholeStudy: "The whole study",
  notStored: {
    title: "Orthanc does not store this (any more)",
    text: "It has been deleted, or has never come in here. What the router did with it is still in the list of deliveries.",
    action: "See its deliveries",
  },
  openInOrthanc: "Open in Orthanc",
  arrival: {
    title: "What came in",
    facts: {
      "@RemoteAET": "Sent by",
      "@RemoteIP": "From address",
      "@CalledAET": "Sent to",
      "@Origin": "By way of",
      "@Username": "User",
      "@TransferSyntax": "Transfer syntax",
    },
    madeHere: {
      anonymized: "Made in this Orthanc by anonymizing",
      modified: "Made in this Orthanc by modifying",
    },
    original: { instance: "another image", series: "another series", study: "another study" },
    series: "Series",
    modality: "Modality",
    images: "Images",
    unnamed: (number: string) => (number ? `Series ${number}` : "Without description"),
  },
  repeated: {
    ofStudy: (images: number, at: string, aet?: string) =>
      `Images of this study came again (${images.toLocaleString()}; last at ${at}${aet ? ` from ${aet}` : ""}) and were not kept: Orthanc answered "success" and dropped them, because its OverwriteInstances is off.`,
    differing: (images: number, tags: string[]) =>
      `Differing from what is stored: ${images.toLocaleString()}, in ${tags.join(", ")}.`,
    uncompared: (images: number) => `Not compared: ${images.toLocaleString()}.`,
    remedy:
      "To take a correction in, delete the study here and have it sent again, or set OverwriteInstances in Orthanc's configuration.",
    anywhere: (images: number, since: string) =>
      `Corrected images came again and were not kept, because Orthanc's OverwriteInstances is off: ${images.toLocaleString()} since ${since}.`,
    lastStudy: "See the last study",
  },
  verdicts: "What the policies say",
  matched: "Matches",
  notMatched: "Does not match",
  skipped: "Skipped",
  skippedReasons: {
    disabled: "the policy is off",
    stop: "an earlier policy has stopped the evaluation",
    stopped: "an earlier policy has stopped the evaluation",
    fallback: "another policy has matched",
    unusable: "its rule cannot be used",
  } as Record<string, string>,
  noPolicies: "There are no policies.",
  select: {
    label: "Study",
    placeholder: "Search by patient, accession number, description, or date (2026-01-31)",
    modality: "Modality",
    anyModality: "Any modality",
    nothing: "Orthanc stores no such study.",
  },
  lineage: {
    title: "Lineage",
    sources: "Made out of",
    results: "What was made of it",
    gone: "a study that is no longer stored",
    by: (service: string | null | undefined) => (service ? `by ${service}, for the policy` : "by the policy"),
    edge: (policies: string, images: string) => `${policies}: ${images}`,
    current: { instance: "This image", series: "This series", study: "This study" },
    within: (steps: number) =>
      steps === 1 ? "one change within it" : `${steps.toLocaleString()} changes within it`,
    delivery: "Delivery",
    more: "There is more than is shown here.",
    controls: {
      "controls.ariaLabel": "View of the lineage",
      "controls.zoomIn.ariaLabel": "Zoom in",
      "controls.zoomOut.ariaLabel": "Zoom out",
      "controls.fitView.ariaLabel": "Show all",
    },
  },
  deliveries: "Where it went",
  allDeliveries: (total: number) => `All ${total.toLocaleString()} deliveries`,
  noDeliveries: "Nothing of it has been sent anywhere.",
  matching: (matching: number, all: number) =>
    `${matching.toLocaleString()} of ${all.toLocaleString()} ${all === 1 ? "image" : "images"} match`,
  list: {
    title: "Chosen studies",
    intro: (count: number) =>
      count === 1 ? "One study was chosen in Orthanc." : `${count.toLocaleString()} were chosen in Orthanc.`,
    columns: { resource: "Study", state: "Routing", images: "Images", destinations: "Went to" },
    failed: (count: number) => `${count.toLocaleString()} failed`,
    open: (count: number) => `${count.toLocaleString()} on their way`,
    succeeded: "Delivered",
    cancelled: "Cancelled",
    none: "Not routed",
    empty: {
      title: "Nothing is chosen",
      text: "Choose studies in Orthanc Explorer 2 and press the sign-post above the list: they are shown here with what became of them, and can be routed together.",
      action: "To Orthanc",
    },
  },
};
