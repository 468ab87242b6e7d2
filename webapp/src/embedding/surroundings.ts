// SPDX-License-Identifier: GPL-3.0-or-later
/** What surrounds the page where one of Orthanc's own web interfaces shows it in a frame. */

/** Whether the page is in a frame, beside a menu of Orthanc's. Only pages of the same origin may frame it. */
export const isEmbedded: boolean = window.parent !== window;

/**
 * Light or dark, as in Orthanc Explorer 2 (`Theme` in its configuration); the classic Explorer is light. Undefined
 * where the page is not in a frame.
 */
export function surroundingScheme(): "light" | "dark" | undefined {
  if (!isEmbedded) return undefined;
  return window.parent.document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light";
}
