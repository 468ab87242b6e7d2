// SPDX-License-Identifier: GPL-3.0-or-later
/** The language of the page: times and numbers are in it too, whatever the browser's own is. */
export const language = "en";
