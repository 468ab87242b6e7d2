// SPDX-License-Identifier: GPL-3.0-or-later
import { useTag } from "../api/rules";
import { TagInput, type TagInputProps } from "./TagInput";
import { factRepresentation, lastOfPath } from "./valueRepresentation";

/** A tag outside of a condition: finds it, and tells what the dictionary says of it. */
export function TagField(props: Omit<TagInputProps, "known">) {
  const last = lastOfPath(props.value);
  const known = useTag(factRepresentation(last) ? "" : last);
  return <TagInput {...props} known={known.data ?? undefined} />;
}
