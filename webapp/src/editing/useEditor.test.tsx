// SPDX-License-Identifier: GPL-3.0-or-later
import { act, renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import type { Stored } from "../api/documents";
import { useEditor, type EditorOptions } from "./useEditor";

interface Draft {
  name: string;
  order: number;
}
type Document = Draft & Stored;

const stored: Document = {
  id: "a1",
  revision: 3,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  updated_by: "ada",
  name: "A",
  order: 1,
};

function open(options: Partial<EditorOptions<Draft, Document>> = {}) {
  return renderHook(() =>
    useEditor<Draft, Document>({
      stored,
      blank: { name: "", order: 0 },
      toDraft: ({ name, order }) => ({ name, order }),
      check: () => [],
      save: ({ draft, existing }) =>
        Promise.resolve({ ...stored, ...draft, revision: (existing?.revision ?? 0) + 1 }),
      fetch: () => Promise.reject(new Error("nobody should ask")),
      ...options,
    }),
  ).result;
}

describe("an editor", () => {
  it("knows whether anything has been changed", () => {
    const editor = open();
    expect(editor.current.dirty).toBe(false);
    act(() => editor.current.change({ name: "B" }));
    expect(editor.current.dirty).toBe(true);
    act(() => editor.current.change({ name: "A" }));
    expect(editor.current.dirty).toBe(false);
  });

  it("saves upon the revision it was opened with, then upon the saved one", async () => {
    const save = vi.fn(({ draft, existing }: { draft: Draft; existing?: { id: string; revision: number } }) =>
      Promise.resolve({ ...stored, ...draft, revision: (existing?.revision ?? 0) + 1 }),
    );
    const editor = open({ save });
    for (const name of ["B", "C"]) {
      act(() => editor.current.change({ name }));
      await act(() => editor.current.submit());
    }
    expect(save.mock.calls.map(([change]) => change.existing?.revision)).toEqual([3, 4]);
    expect(editor.current.dirty).toBe(false);
  });

  it("keeps what was typed, and shows faults until their place is mended", async () => {
    const faults = [
      { path: "name", message: "too long" },
      { path: "order", message: "too large" },
    ];
    const editor = open({ save: () => Promise.reject(new ApiError(422, "invalid", "", faults)) });
    act(() => editor.current.change({ name: "B", order: 9 }));
    await act(() => editor.current.submit());
    expect(editor.current.faults).toEqual(faults);
    act(() => editor.current.change({ order: 2 }));
    expect(editor.current.faults).toEqual([faults[0]]);
    expect(editor.current.draft).toEqual({ name: "B", order: 2 });
  });

  it("takes a taken name for a fault of the name", async () => {
    const editor = open({
      save: () => Promise.reject(new ApiError(409, "name_taken", "This name is taken.")),
    });
    await act(() => editor.current.submit());
    expect(editor.current.faults).toEqual([{ path: "name", message: "This name is taken." }]);
  });

  it("does not send what is plainly not filled in", async () => {
    const save = vi.fn();
    const editor = open({ save, check: () => [{ path: "name", message: "give a name" }] });
    await act(() => editor.current.submit());
    expect(save).not.toHaveBeenCalled();
    expect(editor.current.faults).toHaveLength(1);
  });

  it("brings both changes together when somebody else has saved", async () => {
    const theirs = { ...stored, revision: 7, order: 5 };
    const save = vi
      .fn()
      .mockRejectedValueOnce(new ApiError(412, "revision_conflict", "…"))
      .mockImplementation(({ draft }: { draft: Draft }) =>
        Promise.resolve({ ...theirs, ...draft, revision: 8 }),
      );
    const editor = open({ save, fetch: () => Promise.resolve(theirs) });
    act(() => editor.current.change({ name: "B" }));
    await act(() => editor.current.submit());
    expect(editor.current.conflict?.merged).toEqual({ draft: { name: "B", order: 5 }, conflicts: [] });
    act(() => editor.current.resolve(editor.current.conflict?.merged.draft ?? { name: "", order: 0 }));
    expect(editor.current.conflict).toBeNull();
    await act(() => editor.current.submit());
    expect(save).toHaveBeenLastCalledWith({
      draft: { name: "B", order: 5 },
      existing: { id: "a1", revision: 7 },
    });
  });
});
