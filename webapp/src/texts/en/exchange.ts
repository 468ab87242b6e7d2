// SPDX-License-Identifier: GPL-3.0-or-later
export const exchange = {
  menu: "Export and import",
  export: { yaml: "Export as YAML", json: "Export as JSON" },
  exported: (file: string) => `${file} is in your downloads`,
  import: "Import …",
  title: "Import",
  back: "All policies",
  intro: "Policies and destinations of an export. What has the same name is replaced, all else stays.",
  choose: "Choose a file",
  chooseHint: "YAML or JSON, as it was exported",
  or: "or paste it",
  text: "Policies and destinations",
  look: "See what would change",
  secrets:
    'Exports have no secrets in them: set those of new destinations afterwards, or give them in the file as {"env": "NAME"}.',
  refused: "This cannot be imported",
  changes: "What would change",
  done: "What was changed",
  kinds: { policy: "Policy", destination: "Destination" },
  change: { create: "New", update: "Changed", unchanged: "As it is" },
  unchanged: (count: number) =>
    count === 1 ? "1 more is the same as here." : `${count.toLocaleString()} more are the same as here.`,
  nothing: "Everything in it is the same as here already.",
  before: "Here now",
  after: "In the file",
  action: (count: number) => (count === 1 ? "Import 1 change" : `Import ${count.toLocaleString()} changes`),
  imported: (count: number) =>
    count === 1 ? "1 document imported" : `${count.toLocaleString()} documents imported`,
  toPolicies: "See the policies",
};
