// SPDX-License-Identifier: GPL-3.0-or-later
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { texts } from "../texts";

export interface JsonFieldProps {
  label: string;
  description?: string;
  placeholder?: string;
  /** What is no JSON yet is given and taken as the text that it is, so that no save loses it unseen. */
  value: unknown;
  onChange: (value: unknown) => void;
  error: string | undefined;
}

/** A part of a document as JSON; empty is null. */
export function JsonField({ value, onChange, error, ...shared }: JsonFieldProps) {
  // While it is being typed the text stays as it is typed.
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? written(value);
  return (
    <Textarea
      {...shared}
      autosize
      minRows={4}
      maxRows={20}
      styles={{ input: { fontFamily: "monospace" } }}
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(parsed(event.currentTarget.value));
      }}
      onBlur={() => setTyped(null)}
      error={typeof value === "string" ? texts.common.noJson : error}
    />
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function parsed(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
