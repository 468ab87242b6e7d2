// SPDX-License-Identifier: GPL-3.0-or-later
/** What was to be seen before somebody had to log in, kept for as long as the browser's tab is open. */

const kept = "orthanc-router.wanted";

/** Keep the page's present address until somebody has logged in elsewhere. */
export function keepWanted(): void {
  window.sessionStorage.setItem(kept, window.location.href);
}

/** The address that was kept, once; empty where there is none, or where it is none below `page`. */
export function takeWanted(page: string): string {
  const address = window.sessionStorage.getItem(kept) ?? "";
  window.sessionStorage.removeItem(kept);
  return address.startsWith(page) ? address : "";
}
