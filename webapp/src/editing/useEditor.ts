// SPDX-License-Identifier: GPL-3.0-or-later
import { useState } from "react";
import { ApiError, type Fault } from "../api/client";
import type { Stored } from "../api/documents";
import { merge, type Merged } from "./merge";
import { valueAt } from "./paths";
import { same } from "./same";

export interface EditorOptions<Draft extends object, Document extends Draft & Stored> {
  /** What is stored; undefined for a document that does not exist yet. */
  stored: Document | undefined;
  /** What the form begins with where nothing is stored. */
  blank: Draft;
  toDraft: (document: Document) => Draft;
  /** What is plainly not filled in yet; such a draft is not sent. */
  check: (draft: Draft) => Fault[];
  save: (change: { draft: Draft; existing?: { id: string; revision: number } }) => Promise<Document>;
  /** Read the document as it is stored now. */
  fetch: (id: string) => Promise<Document>;
}

/** That somebody else has saved meanwhile: their document, and both changes brought together. */
export interface Conflict<Draft, Document> {
  theirs: Document;
  merged: Merged<Draft>;
}

export interface Editor<Draft extends object, Document> {
  draft: Draft;
  stored: Document | undefined;
  dirty: boolean;
  saving: boolean;
  faults: Fault[];
  /** What kept the last save from succeeding, beside faults and conflicts. */
  error: unknown;
  conflict: Conflict<Draft, Document> | null;
  change: (patch: Partial<Draft>) => void;
  /** Save; answers the stored document, or null where it was not saved. */
  submit: () => Promise<Document | null>;
  discard: () => void;
  /** End the conflict with the given draft upon their revision. */
  resolve: (draft: Draft) => void;
}

/** The state of a form over a stored document: draft, faults, saving, and conflicts of revisions. */
export function useEditor<Draft extends object, Document extends Draft & Stored>({
  stored: opened,
  blank,
  toDraft,
  check,
  save,
  fetch,
}: EditorOptions<Draft, Document>): Editor<Draft, Document> {
  const [stored, setStored] = useState(opened);
  const [base, setBase] = useState<Draft>(() => (opened ? toDraft(opened) : blank));
  const [draft, setDraft] = useState(base);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [conflict, setConflict] = useState<Conflict<Draft, Document> | null>(null);
  const [saving, setSaving] = useState(false);

  const change = (patch: Partial<Draft>): void => {
    const next = { ...draft, ...patch };
    setDraft(next);
    setFaults(faults.filter((fault) => same(valueAt(next, fault.path), valueAt(draft, fault.path))));
  };

  const begin = (document: Document, next: Draft): void => {
    setStored(document);
    setBase(toDraft(document));
    setDraft(next);
    setFaults([]);
    setError(null);
    setConflict(null);
  };

  const findConflict = async (id: string): Promise<void> => {
    try {
      const theirs = await fetch(id);
      setConflict({ theirs, merged: merge(base, toDraft(theirs), draft) });
    } catch (cause) {
      setError(cause);
    }
  };

  const submit = async (): Promise<Document | null> => {
    const missing = check(draft);
    setFaults(missing);
    setError(missing.length > 0 ? new ApiError(422, "invalid", "", missing) : null);
    if (missing.length > 0) return null;
    setSaving(true);
    try {
      const existing = stored && { id: stored.id, revision: stored.revision };
      const document = await save({ draft, existing });
      begin(document, toDraft(document));
      return document;
    } catch (cause) {
      if (stored && cause instanceof ApiError && cause.status === 412) {
        await findConflict(stored.id);
      } else {
        if (cause instanceof ApiError) setFaults(faultsOf(cause));
        setError(cause);
      }
      return null;
    } finally {
      setSaving(false);
    }
  };

  const resolve = (next: Draft): void => {
    if (conflict) begin(conflict.theirs, next);
  };

  const discard = (): void => {
    setDraft(base);
    setFaults([]);
    setError(null);
  };

  return {
    draft,
    stored,
    dirty: !same(draft, base),
    saving,
    faults,
    error,
    conflict,
    change,
    submit,
    discard,
    resolve,
  };
}

/** A name that is taken is a fault of the name. */
function faultsOf(error: ApiError): Fault[] {
  if (error.status === 409 && error.code === "name_taken" && error.faults.length === 0) {
    return [{ path: "name", message: error.message }];
  }
  return error.faults;
}
