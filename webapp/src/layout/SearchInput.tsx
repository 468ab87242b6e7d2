// SPDX-License-Identifier: GPL-3.0-or-later
import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { texts } from "../texts";

export interface SearchInputProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** In pixels; it grows with the room there is where none is given. */
  width?: number;
}

/** Asks a moment after the last key, not with every one. */
export function SearchInput({ label, placeholder, value, onChange, width }: SearchInputProps) {
  const [text, setText] = useState(value);
  const ask = useDebouncedCallback(onChange, 300);
  const write = (next: string): void => {
    setText(next);
    ask(next);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text ? <CloseButton size="sm" aria-label={texts.common.clear} onClick={() => write("")} /> : null
      }
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
      {...(width === undefined ? { flex: "1 1 260px", maw: 420 } : { w: width })}
    />
  );
}
