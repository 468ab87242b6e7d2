// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, FileButton, Group, List, Modal, Select, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { ApiError } from "../../../api/client";
import {
  misses,
  textOf,
  useCodeList,
  useDeleteCodes,
  useExportCodes,
  useImportCodes,
  useUndoCodes,
  type CodeList,
  type OfProject,
} from "../../../api/codeLists";
import { useMay } from "../../../api/health";
import { refused, told } from "../../../layout/notices";
import { Problem } from "../../../layout/Problem";
import { saveFile } from "../../../layout/saveFile";
import { Time } from "../../../layout/Time";
import { texts } from "../../../texts";

const words = texts.actions.transform.codes;

/** The list of codes of a project. It is no part of the policy: what is done here is done at once. */
export function CodeListField(of: OfProject) {
  const found = useCodeList(of);
  const mayEdit = useMay("edit");
  const [csv, setCsv] = useState<string | null>(null);
  const read = async (file: File | null): Promise<void> => setCsv(file && (await textOf(file)));
  // Not asked for by people who may see the studies of some labels only.
  if (found.data === undefined) return null;
  const list = found.data;
  return (
    <Stack gap="xs" role="group" aria-label={words.title}>
      <Text size="sm">
        {list ? words.told(list.current.codes) : words.none}
        {list ? (
          <>
            {" "}
            {words.others[list.current.on_miss]}{" "}
            <Text span c="dimmed" inherit>
              <Time at={list.current.updated_at} /> {words.by(list.current.updated_by)}
            </Text>
          </>
        ) : null}
      </Text>
      {mayEdit ? (
        <Group gap="xs">
          {/* Made anew after each choice: else the same file could not be chosen again. */}
          <FileButton key={String(csv === null)} onChange={(file) => void read(file)} accept=".csv,.txt,.tsv">
            {(button) => (
              <Button {...button} size="compact-sm" variant="light">
                {list ? words.replace : words.import}
              </Button>
            )}
          </FileButton>
          {list ? <Orders list={list} /> : null}
        </Group>
      ) : null}
      {csv === null ? null : (
        <ImportDialog key={csv} of={of} csv={csv} list={list} onClose={() => setCsv(null)} />
      )}
    </Stack>
  );
}

/** What can be done to a list that is there. */
function Orders({ list }: { list: CodeList }) {
  const { project, destination, current, previous } = list;
  const of = { project, destination };
  const importing = useImportCodes();
  const undo = useUndoCodes();
  const taking = useExportCodes();
  const deleting = useDeleteCodes();
  const [asking, setAsking] = useState(false);
  const onError = (error: unknown): void => refused(error);
  return (
    <>
      <Select
        aria-label={words.onMiss}
        size="xs"
        w={280}
        data={misses.map((value) => ({ value, label: words.others[value] }))}
        value={current.on_miss}
        disabled={importing.isPending}
        onChange={(on_miss) => {
          if (!on_miss || on_miss === current.on_miss) return;
          const draft = { ...of, csv: null, on_miss, revision: current.revision, dry_run: false };
          importing.mutate(draft, { onError });
        }}
        allowDeselect={false}
      />
      <Button
        size="compact-sm"
        variant="subtle"
        loading={taking.isPending}
        onClick={() => taking.mutate(of, { onSuccess: (file) => saveFile(file, "codes.csv"), onError })}
      >
        {words.export}
      </Button>
      {previous ? (
        <Button
          size="compact-sm"
          variant="subtle"
          loading={undo.isPending}
          onClick={() => undo.mutate(of, { onSuccess: () => told(words.undone(previous.codes)), onError })}
        >
          {words.undo}
        </Button>
      ) : null}
      <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsking(true)}>
        {words.delete}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={words.question.title}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        <Stack>
          <Text>{words.question.text}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {texts.common.cancel}
            </Button>
            <Button
              color="red.9"
              loading={deleting.isPending}
              onClick={() => deleting.mutate(of, { onSuccess: () => setAsking(false), onError })}
            >
              {words.question.confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

interface ImportDialogProps {
  of: OfProject;
  csv: string;
  list: CodeList | null;
  onClose: () => void;
}

/** What a file would change; it is saved only then. */
function ImportDialog({ of, csv, list, onClose }: ImportDialogProps) {
  const [onMiss, setOnMiss] = useState(list?.current.on_miss ?? "derive");
  const [revision] = useState(list?.current.revision ?? 0);
  const trial = useImportCodes();
  const saving = useImportCodes();
  const { mutate: look } = trial;
  const { project, destination } = of;
  useEffect(
    () => look({ project, destination, csv, on_miss: "derive", revision, dry_run: true }),
    [look, project, destination, csv, revision],
  );
  const error = saving.error ?? trial.error;
  const found = trial.data;
  const save = (): void =>
    saving.mutate(
      { ...of, csv, on_miss: onMiss, revision, dry_run: false },
      {
        onSuccess: ({ codes }) => {
          told(words.imported(codes));
          onClose();
        },
      },
    );
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.question.import}
      closeButtonProps={{ "aria-label": texts.common.close }}
      size="lg"
    >
      <Stack>
        {error ? <Refusal error={error} /> : null}
        {trial.isPending ? <Text role="status">{words.reading}</Text> : null}
        {found ? (
          <>
            <Text>{words.changes(found)}</Text>
            {found.changed > 0 ? <Text size="sm">{words.changedHint}</Text> : null}
            {found.warnings.map((warning) => (
              <Alert key={warning} color="orange" role="note">
                {warning}
              </Alert>
            ))}
            <Select
              label={words.onMiss}
              data={misses.map((value) => ({ value, label: words.others[value] }))}
              value={onMiss}
              onChange={(value) => value && setOnMiss(value)}
              allowDeselect={false}
            />
          </>
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {texts.common.cancel}
          </Button>
          <Button disabled={!found} loading={saving.isPending} onClick={save}>
            {words.save}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Why a list is not taken: each row that is wrong. */
function Refusal({ error }: { error: unknown }) {
  if (!(error instanceof ApiError) || error.faults.length === 0) return <Problem error={error} />;
  return (
    <Alert role="alert" color="red" title={words.refused}>
      <List size="sm" mah={300} style={{ overflowY: "auto" }}>
        {error.faults.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>{message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
