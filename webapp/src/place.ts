// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Where the page lives. The server writes the public prefix into the page's base tag, so that the
 * page works behind any reverse proxy.
 */

/** Path of the page itself, without a trailing slash, for the browser's history. */
export function pageRoot(base: string = document.baseURI): string {
  return new URL(".", base).pathname.replace(/\/$/, "");
}

/** Root of the router's API, with a trailing slash: one level above the page. */
export function apiRoot(base: string = document.baseURI): string {
  return new URL("..", new URL(".", base)).href;
}

/** Root of Orthanc itself, with a trailing slash. */
export function orthancRoot(base: string = document.baseURI): string {
  return new URL("..", apiRoot(base)).href;
}

/**
 * Where Orthanc shows a stored resource: its study in Explorer 2, where `studyPage` says how (`useStudyPage`), else
 * the resource itself in the classic Explorer.
 */
export function explorerPage(
  level: "instance" | "series" | "study",
  id: string,
  studyInstanceUid: string,
  studyPage: string,
): string {
  if (studyPage && studyInstanceUid)
    return orthancRoot() + studyPage.replace("{uid}", encodeURIComponent(studyInstanceUid));
  return `${orthancRoot()}app/explorer.html#${level}?uuid=${encodeURIComponent(id)}`;
}
