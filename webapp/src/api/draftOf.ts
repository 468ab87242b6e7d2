import type { Stored } from "./documents";

/** A stored document as it may be sent back: without what is the server's. */
export function draftOf<Document extends Stored>(document: Document): Omit<Document, keyof Stored> {
  const { id, revision, created_at, updated_at, updated_by, ...draft } = document;
  return draft;
}
