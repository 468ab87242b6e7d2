import { Alert, SegmentedControl, Stack, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { ApiError } from "../api/client";
import type { RuleNode } from "../api/documents";
import { useEvaluation, type EvaluationSubject } from "../api/rules";
import { Problem } from "../layout/Problem";
import { EvaluationResult } from "../rules/EvaluationResult";
import { parseTags } from "../rules/tagText";
import { StudySelect } from "../studies/StudySelect";
import { texts } from "../texts";

const words = texts.policies.editor.tryIt;
type Source = "study" | "tags";

/** Compares the rule, as it is being written, with a stored study or with tags. */
export function TryIt({ rule }: { rule: RuleNode }) {
  const [source, setSource] = useState<Source>("study");
  const [study, setStudy] = useState<string | null>(null);
  const [text, setText] = useState("");
  const parsed = parseTags(text);
  const [asked] = useDebouncedValue(rule, 400);
  const [written] = useDebouncedValue(text, 400);
  const subject = subjectOf(source, study, written);
  const evaluation = useEvaluation(asked, subject);
  const { error } = evaluation;
  const unfinished = error instanceof ApiError && error.status === 422;
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
        <StudySelect value={study} onChange={setStudy} />
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
      {unfinished ? (
        <Alert color="gray" title={words.notYet}>
          {error.faults.map((fault) => fault.message).join(" · ") || error.message}
        </Alert>
      ) : null}
      {error && !unfinished ? <Problem error={error} /> : null}
      {subject && evaluation.data && !error ? <EvaluationResult evaluation={evaluation.data} /> : null}
    </Stack>
  );
}

function subjectOf(source: Source, study: string | null, text: string): EvaluationSubject | null {
  if (source === "study") return study ? { resource: { level: "study", id: study } } : null;
  const parsed = parseTags(text);
  return text.trim() !== "" && "tags" in parsed ? parsed : null;
}
