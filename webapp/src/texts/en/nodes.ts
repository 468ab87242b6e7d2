export const nodes = {
  title: "Nodes",
  intro: "The Orthancs that share this router's store, and with it policies, destinations and deliveries.",
  this: "This one",
  states: { active: "Working", draining: "Finishing", drained: "Finished", gone: "Gone" },
  stateHints: {
    active: "",
    draining: "It takes no new deliveries, and ends those it has begun.",
    drained: "It has nothing in hand: it can be stopped.",
    gone: "It has not been heard of. What it had in hand is taken over by others that have the images.",
  },
  facts: {
    seen: "Heard of",
    lag: "Images to look at",
    running: "Deliveries in hand",
    waiting: "Deliveries that wait for it",
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
    drain: "Finish, take nothing new",
    resume: "Work again",
    forget: "Forget it",
    done: {
      drain: (name: string) => `${name} finishes what it has begun`,
      resume: (name: string) => `${name} works again`,
      forget: (name: string, failed: number) =>
        failed > 0
          ? `${name} is forgotten; deliveries that have failed with it: ${failed.toLocaleString()}`
          : `${name} is forgotten`,
    },
    question: {
      title: (name: string) => `Forget ${name}?`,
      text: "Do this when it will not come back: nobody else has the images that only its Orthanc had.",
      abandoned: (count: number) =>
        count === 0
          ? "No delivery waits for it."
          : count === 1
            ? "1 delivery that waits for it will fail. It stays in the list of deliveries."
            : `${count.toLocaleString()} deliveries that wait for it will fail. They stay in the list of deliveries.`,
      confirm: "Forget it",
    },
  },
};
