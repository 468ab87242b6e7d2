export const studies = {
  title: "Study",
  notStored: "Orthanc does not store this study (any more).",
  openInOrthanc: "Open in Orthanc",
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
    placeholder: "Search by patient, accession number or description",
    nothing: "Orthanc stores no such study.",
  },
  lineage: {
    sources: "Made out of",
    results: "What was made of it",
    gone: "a study that is no longer stored",
    by: (service: string | null | undefined) => (service ? `by ${service}, for the policy` : "by the policy"),
    delivery: "Delivery",
    more: "There is more than is shown here.",
  },
  deliveries: "Where it went",
  noDeliveries: "Nothing of this study has been sent anywhere.",
  matching: (matching: number, all: number) =>
    `${matching.toLocaleString()} of ${all.toLocaleString()} ${all === 1 ? "image" : "images"} match`,
};
