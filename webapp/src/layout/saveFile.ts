// SPDX-License-Identifier: GPL-3.0-or-later
/** Have the browser save a file; a link to the server would take no login along but the browser's own. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
