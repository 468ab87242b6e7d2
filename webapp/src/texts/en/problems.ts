// SPDX-License-Identifier: GPL-3.0-or-later
export const problems = {
  page: "This cannot be shown",
  unreachable: {
    title: "Orthanc cannot be reached",
    text: "The page shows what it knew last and goes on trying. If this stays, see whether Orthanc is running.",
  },
  storeAway: {
    title: "The router's store cannot be reached",
    text: "Orthanc keeps receiving; what came in is routed when the store is back.",
  },
  unauthorized: {
    title: "You are not logged in",
    text: "Reload the page and give your Orthanc user name and password.",
    action: "Reload the page",
  },
  token: {
    title: "Your login has run out, or does not reach this far",
    text: "Orthanc refuses the token that this page was opened with. Log in at Orthanc again; if that does not help, ask whoever manages the users of this Orthanc for access to the router.",
  },
  login: {
    title: "You are not logged in, or may not do this",
    text: "Orthanc does not know you, or does not let you see or do this. Log in at Orthanc, which leads back here; if you have, ask whoever manages the users of this Orthanc.",
    action: "Log in at Orthanc",
  },
  forbidden: {
    title: "You may not do this",
    text: "Orthanc does not let you see or do this. Open the page from Orthanc itself if you log in there; otherwise ask whoever manages the users of this Orthanc.",
  },
  notFound: {
    title: "This does not exist (any more)",
    text: "It may have been deleted meanwhile.",
  },
  conflict: { title: "That does not go together", text: "" },
  invalid: {
    title: "This cannot be used as it is",
    fix: (count: number) => (count === 1 ? "Please fix 1 problem" : `Please fix ${count} problems`),
  },
  server: {
    title: "The router could not answer",
    text: "This is a fault of the router. The log of Orthanc says more.",
  },
  crash: {
    title: "This page has stopped working",
    text: "Reload it. What you had not saved is lost; what was saved is safe.",
    reload: "Reload the page",
  },
};
