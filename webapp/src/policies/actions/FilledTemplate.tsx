// SPDX-License-Identifier: GPL-3.0-or-later
import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { use } from "react";
import { ApiError } from "../../api/client";
import { useFilledTemplate, type TemplateUse } from "../../api/templates";
import { problemWords } from "../../layout/problemWords";
import { texts } from "../../texts";
import { SampleContext } from "./sample";

const words = texts.actions.template;

export interface FilledTemplateProps {
  template: string;
  kind: TemplateUse;
  /** Which of several it is, where one field has them. */
  of?: string;
}

/** What a template says of the chosen study; nothing where none is chosen or nothing is filled in. */
export function FilledTemplate({ template, kind, of }: FilledTemplateProps) {
  const sample = use(SampleContext);
  const [asked] = useDebouncedValue(template, 400);
  const { data, error } = useFilledTemplate(asked, kind, sample);
  if (!sample || !template.includes("{")) return null;
  if (error) {
    return (
      <Text size="xs" mt={4} c="var(--mantine-color-error)" role="status">
        {error instanceof ApiError && error.faults.length > 0
          ? error.faults.map(({ message }) => message).join(" · ")
          : problemWords(error).text}
      </Text>
    );
  }
  if (data === undefined) return null;
  return (
    <Text size="xs" mt={4} role="status" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      <Text span inherit c="dimmed">
        {of ? words.saysOf(of) : words.says}{" "}
      </Text>
      {data || words.saysNothing}
    </Text>
  );
}
