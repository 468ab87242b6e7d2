// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { use } from "react";
import type { Stored } from "../api/documents";
import { NowContext } from "../layout/now";
import { relativeTime } from "../layout/times";
import { texts } from "../texts";
import type { Editor } from "./useEditor";

export interface ConflictNoticeProps<Draft extends object, Document extends Draft & Stored> {
  editor: Editor<Draft, Document>;
  toDraft: (document: Document) => Draft;
  fieldNames: Record<string, string>;
}

/** Says that somebody else has saved meanwhile, and offers ways on. */
export function ConflictNotice<Draft extends object, Document extends Draft & Stored>({
  editor,
  toDraft,
  fieldNames,
}: ConflictNoticeProps<Draft, Document>) {
  const now = use(NowContext);
  if (!editor.conflict) return null;
  const { theirs, merged } = editor.conflict;
  const words = texts.common.conflict;
  const both = merged.conflicts.map((field) => fieldNames[String(field)] ?? String(field)).join(", ");
  return (
    <Alert role="alert" color="orange" icon={<IconGitMerge aria-hidden />} title={words.title}>
      <Stack gap="xs">
        <Text size="sm">
          {words.text(theirs.updated_by, relativeTime(theirs.updated_at, now))}{" "}
          {both ? words.bothChanged(both) : words.noneInCommon}
        </Text>
        <Group gap="xs">
          <Button size="xs" onClick={() => editor.resolve(merged.draft)}>
            {both ? words.mergeMineWins : words.merge}
          </Button>
          <Button size="xs" variant="default" onClick={() => editor.resolve(toDraft(theirs))}>
            {words.takeTheirs}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
