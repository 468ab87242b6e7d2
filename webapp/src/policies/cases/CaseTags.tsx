// SPDX-License-Identifier: GPL-3.0-or-later
import { Input, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { JsonField } from "../../editing/JsonField";
import { useFault } from "../../editing/faults";
import { TagRows } from "../../rules/TagRows";
import type { Tags } from "../../rules/tagText";
import { isPlain, valueText } from "../../rules/tagValues";
import { texts } from "../../texts";

const words = texts.policies.editor.cases;

export interface CaseTagsProps {
  tags: Tags;
  place: string;
  onChange: (tags: Tags) => void;
}

/** An example's tags: one a row, or all as JSON. */
export function CaseTags({ tags, place, onChange }: CaseTagsProps) {
  const [view, setView] = useState<"rows" | "json">("rows");
  const fault = useFault(place);
  // What was pasted and is no JSON yet is shown where it can be mended.
  const shown = typeof tags === "object" ? view : "json";
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        w="fit-content"
        aria-label={words.view}
        data={[
          { value: "rows", label: words.rows },
          { value: "json", label: words.json },
        ]}
        value={shown}
        onChange={setView}
      />
      {shown === "json" ? (
        <JsonField
          label={words.tags}
          description={words.jsonHint}
          value={tags}
          onChange={(changed) => onChange((changed ?? {}) as Tags)}
          error={fault}
        />
      ) : (
        <Input.Wrapper error={fault} labelElement="div">
          <TagRows<unknown>
            label={words.tags}
            add={texts.rules.rows.add}
            place={place}
            values={tags}
            blank=""
            withFacts
            onChange={onChange}
            field={(tag, value, change) =>
              isPlain(value) ? (
                <TextInput
                  aria-label={texts.rules.rows.value(tag)}
                  value={valueText(value)}
                  onChange={(event) => change(event.currentTarget.value)}
                  spellCheck={false}
                  autoComplete="off"
                />
              ) : (
                <JsonField
                  label={texts.rules.rows.value(tag)}
                  value={value}
                  onChange={change}
                  error={undefined}
                />
              )
            }
          />
        </Input.Wrapper>
      )}
    </Stack>
  );
}
