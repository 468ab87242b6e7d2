// SPDX-License-Identifier: GPL-3.0-or-later
import { Button } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { makeCase, type MadeCase } from "../../api/checks";
import type { Case, RuleNode } from "../../api/policyDocuments";
import type { EvaluationSubject } from "../../api/rules";
import { refused, warned } from "../../layout/notices";
import { texts } from "../../texts";

export interface KeepButtonProps {
  rule: RuleNode;
  /** What was tried. */
  subject: EvaluationSubject;
  matches: boolean;
  /** What an example is called that has no name of its own. */
  name: string;
  onKeep: (example: Case) => void;
}

/** Keeps what was tried among a policy's examples; of something stored, without what identifies the patient. */
export function KeepButton({ rule, subject, matches, name, onKeep }: KeepButtonProps) {
  const making = useMutation({
    mutationFn: async (): Promise<MadeCase> =>
      "tags" in subject ? { name, tags: subject.tags, matches, notes: [] } : makeCase(subject.resource, rule),
    onSuccess: ({ notes, ...example }) => {
      onKeep(example);
      if (notes.length > 0) warned(notes.join(" "));
    },
    onError: (error) => refused(error),
  });
  return (
    <Button
      variant="default"
      size="xs"
      w="fit-content"
      leftSection={<IconBookmark size={16} aria-hidden />}
      loading={making.isPending}
      onClick={() => making.mutate()}
    >
      {texts.policies.editor.tryIt.keep}
    </Button>
  );
}
