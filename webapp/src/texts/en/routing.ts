// SPDX-License-Identifier: GPL-3.0-or-later
const levels = {
  instance: ["image", "images"],
  series: ["series", "series"],
  study: ["study", "studies"],
} as const;

export const routing = {
  action: "Route now",
  title: (resources: { level: keyof typeof levels }[]) => {
    const [first] = resources;
    if (!first) return "Route now";
    const [one, many] = levels[first.level];
    return resources.length === 1
      ? `Route this ${one} now`
      : `Route ${resources.length.toLocaleString()} ${many} now`;
  },
  way: "How",
  ways: { destination: "To a destination", policy: "Through a policy" },
  destination: "Destination",
  noDestinations: "There is no destination that images could be sent to.",
  policy: "Policy",
  policyHint: "Its actions are carried out whether or not its rule matches.",
  policyPlaceholder: "Choose a policy",
  priority: "Priority",
  again: "Also what was delivered there already",
  againHint: "Otherwise images that have arrived there before are left out",
  confirm: "Route now",
  planned: (count: number) =>
    count === 0
      ? "Nothing to deliver."
      : count === 1
        ? "1 delivery has been made."
        : `${count.toLocaleString()} deliveries have been made.`,
  skipped: (count: number) => `${count.toLocaleString()} left out, as delivered already.`,
  run: "Details",
  deliveries: "Its deliveries",
};
