// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, FileButton, Group, Paper, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconFileImport, IconFileUpload } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { ApiError } from "../api/client";
import { useImport } from "../api/exchange";
import { useMay } from "../api/health";
import { FaultList } from "../editing/FaultList";
import { BackLink } from "../layout/BackLink";
import { told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { Section } from "../layout/Section";
import { WarningList } from "../policies/WarningList";
import { texts } from "../texts";
import { ImportChanges } from "./ImportChanges";

const words = texts.exchange;
/** All faults are listed: they are in a file, not in fields. */
const nowhere = /(?!)/;

/** Brings policies and destinations in, once a person has seen what that changes. */
export function ImportPage() {
  const mayEdit = useMay("edit");
  const [text, setText] = useState("");
  const [comment, setComment] = useState("");
  const trial = useImport();
  const doing = useImport();
  const look = (written: string): void => {
    doing.reset();
    trial.mutate({ text: written, dryRun: true });
  };
  const read = async (file: File | null): Promise<void> => {
    if (!file) return;
    const written = await file.text();
    setText(written);
    look(written);
  };
  const error = doing.error ?? trial.error;
  const result = doing.data ?? trial.data;
  const changes = result?.changes.filter(({ change }) => change !== "unchanged") ?? [];
  const bringIn = (): void =>
    doing.mutate({ text, dryRun: false, comment }, { onSuccess: () => told(words.imported(changes.length)) });
  return (
    <>
      <PageHeader
        title={words.title}
        intro={words.intro}
        before={<BackLink to="/policies" label={words.back} />}
      />
      <Stack>
        <Paper withBorder p="md">
          <Stack gap="sm">
            <Group gap="sm">
              <FileButton onChange={(file) => void read(file)} accept=".yaml,.yml,.json">
                {(button) => (
                  <Button {...button} leftSection={<IconFileUpload size={18} aria-hidden />}>
                    {words.choose}
                  </Button>
                )}
              </FileButton>
              <Text size="sm" c="dimmed">
                {words.chooseHint}; {words.or}:
              </Text>
            </Group>
            <Textarea
              aria-label={words.text}
              autosize
              minRows={4}
              maxRows={16}
              spellCheck={false}
              styles={{ input: { fontFamily: "monospace" } }}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                trial.reset();
                doing.reset();
              }}
            />
            <Text size="sm" c="dimmed">
              {words.secrets}
            </Text>
            <Button
              variant="light"
              w="fit-content"
              disabled={text.trim() === "" || !mayEdit}
              loading={trial.isPending}
              onClick={() => look(text)}
            >
              {words.look}
            </Button>
          </Stack>
        </Paper>
        <FaultList error={error} faults={error instanceof ApiError ? error.faults : []} shown={nowhere} />
        {result ? (
          <Section title={doing.data ? words.done : words.changes}>
            <ImportChanges changes={result.changes} />
            <WarningList warnings={result.warnings} />
            {doing.data ? (
              <Button component={Link} to="/policies" variant="light" w="fit-content">
                {words.toPolicies}
              </Button>
            ) : changes.length > 0 ? (
              <Group gap="sm">
                <TextInput
                  aria-label={texts.common.comment}
                  placeholder={texts.common.comment}
                  maxLength={2000}
                  flex="1 1 240px"
                  maw={520}
                  value={comment}
                  onChange={(event) => setComment(event.currentTarget.value)}
                />
                <Button
                  leftSection={<IconFileImport size={18} aria-hidden />}
                  loading={doing.isPending}
                  onClick={bringIn}
                >
                  {words.action(changes.length)}
                </Button>
              </Group>
            ) : null}
          </Section>
        ) : null}
      </Stack>
    </>
  );
}
