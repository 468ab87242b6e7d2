// SPDX-License-Identifier: GPL-3.0-or-later
import { SegmentedControl, Stack, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { Level } from "../api/documents";
import type { Case, RuleNode } from "../api/policyDocuments";
import { useEvaluation, type EvaluationSubject } from "../api/rules";
import { EvaluationResult } from "../rules/EvaluationResult";
import { parseTags } from "../rules/tagText";
import { StudySelect } from "../studies/StudySelect";
import { texts } from "../texts";
import { KeepButton } from "./cases/KeepButton";
import { NotEvaluated } from "./NotEvaluated";

const words = texts.policies.editor.tryIt;
type Source = "study" | "tags";

export interface TryItProps {
  rule: RuleNode;
  level: Level;
  /** The stored study to try it on. */
  study: string | null;
  onStudy: (id: string | null) => void;
  /** Keep what was tried among the policy's examples. */
  onKeep: (example: Case) => void;
  /** What an example is called that has no name of its own. */
  nextName: string;
}

/** Compares the rule, as it is being written, with a stored study or with tags. */
export function TryIt({ rule, level, study, onStudy, onKeep, nextName }: TryItProps) {
  const [source, setSource] = useState<Source>("study");
  const [text, setText] = useState("");
  const parsed = parseTags(text);
  const [asked] = useDebouncedValue(rule, 400);
  const [written] = useDebouncedValue(text, 400);
  const subject = subjectOf(source, study, written);
  const evaluation = useEvaluation(asked, level, subject);
  const { data, error } = evaluation;
  return (
    <Stack gap="sm">
      <SegmentedControl
        w="fit-content"
        aria-label={words.source}
        data={[
          { value: "study", label: words.study },
          { value: "tags", label: words.tags },
        ]}
        value={source}
        onChange={setSource}
      />
      {source === "study" ? (
        <StudySelect value={study} onChange={onStudy} />
      ) : (
        <Textarea
          label={words.tagsLabel}
          description={words.tagsHint}
          placeholder={words.tagsPlaceholder}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={"line" in parsed ? words.badLine(parsed.line) : undefined}
        />
      )}
      {error ? <NotEvaluated error={error} /> : null}
      {subject && data && !error ? (
        <>
          <EvaluationResult evaluation={data} />
          <KeepButton rule={asked} subject={subject} matches={data.matches} name={nextName} onKeep={onKeep} />
        </>
      ) : null}
    </Stack>
  );
}

function subjectOf(source: Source, study: string | null, text: string): EvaluationSubject | null {
  if (source === "study") return study ? { resource: { level: "study", id: study } } : null;
  const parsed = parseTags(text);
  return text.trim() !== "" && "tags" in parsed ? parsed : null;
}
