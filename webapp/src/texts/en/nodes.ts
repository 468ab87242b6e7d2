// SPDX-License-Identifier: GPL-3.0-or-later
export const nodes = {
  title: "Nodes",
  intro: "The Orthancs that share this router's store, and with it policies, destinations and deliveries.",
  this: "This one",
  states: { active: "Working", draining: "Finishing", drained: "Finished", gone: "Offline" },
  stateHints: {
    active: "",
    draining: "It finishes its deliveries and takes no new ones.",
    drained: "It has finished all deliveries and can be stopped.",
    gone: "It has not answered lately. Nodes that have the same images take over its deliveries.",
  },
  facts: {
    seen: "Last seen",
    lag: "Images to look at",
    running: "Deliveries under way",
    waiting: "Deliveries waiting for it",
    reads: "Reads what comes in",
    started: "Started",
    aet: "AE title",
    url: "Address",
    version: "Version",
    index: "Orthanc database",
  },
  behind: (changes: number, time: string) => `${changes.toLocaleString()}, ${time} behind`,
  versions: (router: string, orthanc: string) => (orthanc ? `${router}, Orthanc ${orthanc}` : router),
  alone: {
    title: "This Orthanc works alone",
    text: "A second one joins as soon as it is started with the same MongoDB (MongoUri). They divide the deliveries among them, and each takes over what another leaves.",
  },
  orders: {
    drain: "Finish and take nothing new",
    resume: "Work again",
    forget: "Remove node",
    done: {
      drain: (name: string) => `${name} finishes what it has begun`,
      resume: (name: string) => `${name} works again`,
      forget: (name: string, failed: number) =>
        failed > 0
          ? `${name} is removed; deliveries that failed with it: ${failed.toLocaleString()}`
          : `${name} is removed`,
    },
    question: {
      title: (name: string) => `Remove ${name}?`,
      text: "Do this only if it will not come back: images that only its Orthanc had are nowhere else.",
      abandoned: (count: number) =>
        count === 0
          ? "No delivery waits for it."
          : count === 1
            ? "1 delivery that waits for it will fail. It stays in the list of deliveries."
            : `${count.toLocaleString()} deliveries that wait for it will fail. They stay in the list of deliveries.`,
      confirm: "Remove node",
    },
  },
};
