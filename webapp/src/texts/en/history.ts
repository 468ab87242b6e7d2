// SPDX-License-Identifier: GPL-3.0-or-later
export const history = {
  title: "History",
  intro: (name: string) => `Every save of “${name}”, newest first.`,
  current: "Current",
  revision: (revision: number) => `Revision ${revision}`,
  by: (who: string) => (who ? `by ${who}` : ""),
  noComment: "No comment",
  show: "What it changed",
  showLabel: (revision: number) => `What revision ${revision} changed`,
  first: "This is how it was made.",
  compare: "Compare",
  from: "Revision",
  to: "with revision",
  choice: (revision: number, when: string) => `${revision} · ${when}`,
  same: "They say the same.",
  sameRevision: "Choose two different revisions.",
  before: (revision: number) => `Revision ${revision}`,
  absent: "not there",
  movedTo: (place: number) => `at place ${place}`,
  inWords: "rule, in words",
  restore: "Restore",
  restoreLabel: (revision: number) => `Restore revision ${revision}`,
  restored: (revision: number, enabled: boolean) =>
    enabled ? `Revision ${revision} is restored and in use` : `Revision ${revision} is restored; it is off`,
  restoreQuestion: {
    title: (revision: number) => `Restore revision ${revision}?`,
    text: (name: string) =>
      `“${name}” will be as it was then. The present revision stays in the history, so this can be undone.`,
    switchesOn: (name: string) => `This switches “${name}” on: it is off now.`,
    switchesOff: (name: string) => `This switches “${name}” off: it is on now.`,
    keep: "Keep the present one",
  },
  restoreComment: (revision: number) => `As in revision ${revision}`,
  altered: {
    text: (name: string, when: string) =>
      `“${name}” was changed outside the router, or damaged; that was noticed on ${when}. It is used as it is shown here.`,
    accept: "Accept",
    accepted: (name: string) => `“${name}” is saved as it is`,
    history: "History, with earlier revisions",
  },
  backToPolicy: "To the policy",
  backToDestination: "To the destination",
};
