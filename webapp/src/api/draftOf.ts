// SPDX-License-Identifier: GPL-3.0-or-later
import type { Stored } from "./documents";

/** A stored document as it may be sent back: without what is the server's, and with no comment yet, because
 * that of the last save says nothing of the next. */
export function draftOf<Document extends Stored>(
  document: Document,
): Omit<Document, keyof Stored> & { comment: string } {
  const { id, revision, created_at, updated_at, updated_by, warnings, ...draft } = document;
  return { ...draft, comment: "" };
}
