// SPDX-License-Identifier: GPL-3.0-or-later
import { Combobox, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { Tag } from "../api/ruleDocuments";
import { useTagSearch } from "../api/rules";
import { useStoredExample } from "../api/storedExample";
import { texts } from "../texts";
import classes from "./RuleBuilder.module.css";
import { exampleOf } from "./examples";
import { frequentTags } from "./suggestions";
import { factRepresentation } from "./valueRepresentation";

const words = texts.rules.tags;

export interface TagInputProps {
  value: string;
  /** What the dictionary says of the present value. */
  known: Tag | undefined;
  /** The tag as the document names it, and its value representation where it is known. */
  onChange: (tag: string, vr: string | undefined) => void;
  error: string | undefined;
  label?: string;
  /** Whether what Orthanc knows about the arrival is offered too. */
  withFacts?: boolean;
}

/** Finds a tag by keyword, name or number; takes paths and private tags as written. */
export function TagInput({
  value,
  known,
  onChange,
  error,
  label = texts.rules.condition.tag,
  withFacts = true,
}: TagInputProps) {
  const [text, setText] = useState<string | null>(null);
  // What is typed and not chosen yet. Choosing may move the focus before the next render, and the blur must
  // then find nothing left to choose.
  const pending = useRef<string | null>(null);
  const type = (typed: string | null): void => {
    pending.current = typed;
    setText(typed);
  };
  const search = (text ?? "").trim();
  const [asked] = useDebouncedValue(search, 120);
  const isFact = search.startsWith("@");
  const found = useTagSearch(asked, asked !== "" && !isFact);
  const [opened, setOpened] = useState(false);
  const stored = useStoredExample(opened).data;
  const combobox = useCombobox({
    onDropdownOpen: () => setOpened(true),
    onDropdownClose: () => combobox.resetSelectedOption(),
  });

  const tags =
    search === ""
      ? frequentTags
      : isFact || asked === ""
        ? []
        : (found.data ?? []).filter(({ keyword }) => !keyword.startsWith("@"));
  const facts = Object.entries(words.facts).filter(
    ([fact, meaning]) =>
      withFacts && (search === "" || `${fact} ${meaning}`.toLowerCase().includes(search.toLowerCase())),
  );
  const exact = tags.find((tag) => tag.keyword.toLowerCase() === search.toLowerCase());
  const literal = /[.,"[]/.test(search) && !tags.some((tag) => tag.tag === search);

  const choose = (tag: string): void => {
    type(null);
    combobox.closeDropdown();
    if (tag !== value) onChange(tag, tags.find((one) => one.keyword === tag)?.vr ?? factRepresentation(tag));
  };

  const asWritten =
    search !== "" && !exact ? (
      <Combobox.Option value={search} key="as written">
        <Text size="sm">{words.asWritten(search)}</Text>
        <Text size="xs" c="dimmed">
          {words.asWrittenHint}
        </Text>
      </Combobox.Option>
    ) : null;

  return (
    <Combobox
      store={combobox}
      onOptionSubmit={choose}
      width="clamp(200px, calc(100vw - 1rem), 420px)"
      position="bottom-start"
      withinPortal
    >
      <Combobox.Target>
        <TextInput
          aria-label={label}
          placeholder={texts.rules.condition.tagPlaceholder}
          value={text ?? value}
          error={error}
          description={text === null && known ? `${known.name} · (${known.tag}) ${known.vr}` : undefined}
          inputWrapperOrder={["label", "input", "description", "error"]}
          rightSection={found.isFetching ? <Loader size={14} aria-label={words.searching} /> : null}
          autoComplete="off"
          spellCheck={false}
          onFocus={(event) => {
            event.currentTarget.select();
            combobox.openDropdown();
          }}
          onClick={() => combobox.openDropdown()}
          onChange={(event) => {
            type(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
          onBlur={() => {
            combobox.closeDropdown();
            if (pending.current !== null) choose(exact?.keyword ?? search);
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label={label} mah={360} style={{ overflowY: "auto" }}>
          {literal ? asWritten : null}
          {tags.length > 0 ? (
            <Combobox.Group label={words.dictionary}>
              {tags.map((tag) => (
                <Combobox.Option value={tag.keyword || tag.tag} key={tag.tag}>
                  <TagOption tag={tag} example={exampleOf(tag, stored)} />
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ) : null}
          {facts.length > 0 ? (
            <Combobox.Group label={words.arrival}>
              {facts.map(([fact, meaning]) => (
                <Combobox.Option value={fact} key={fact}>
                  <Text size="sm">{fact}</Text>
                  <Text size="xs" c="dimmed">
                    {meaning}
                  </Text>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ) : null}
          {literal ? null : asWritten}
        </Combobox.Options>
        <Combobox.Footer>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {words.syntax}
          </Text>
        </Combobox.Footer>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function TagOption({ tag, example }: { tag: Tag; example: string | undefined }) {
  return (
    <div className={classes.option}>
      <div>
        <Text size="sm" td={tag.retired ? "line-through" : undefined}>
          {tag.keyword || tag.tag}
        </Text>
        <Text size="xs" c="dimmed">
          {tag.name}
          {tag.retired ? ` · ${words.retired}` : null}
        </Text>
        {example ? (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {words.example(example)}
          </Text>
        ) : null}
      </div>
      <Text size="xs" c="dimmed" className={classes.number}>
        ({tag.tag}) {tag.vr}
      </Text>
    </div>
  );
}
