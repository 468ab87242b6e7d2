// SPDX-License-Identifier: GPL-3.0-or-later
import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearchParams } from "react-router";
import { useRestore, useRevisions, type Collection, type Difference, type Revision } from "../api/history";
import { useMay } from "../api/health";
import { BackLink } from "../layout/BackLink";
import { refused, told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Time } from "../layout/Time";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { Comparison } from "./Comparison";
import { RestoreQuestion } from "./RestoreQuestion";

const words = texts.history;

export interface HistoryViewProps<Document extends Revision> {
  collection: Collection;
  id: string;
  backLabel: string;
  fieldNames: Record<string, string>;
  inWords?: (before: Document, after: Document) => Difference[];
}

/** Every revision of a document: who saved it and why, what any two differ in, and a way back. */
export function HistoryView<Document extends Revision>({
  collection,
  id,
  backLabel,
  ...comparing
}: HistoryViewProps<Document>) {
  const found = useRevisions<Document>(collection, id);
  const [address, setAddress] = useSearchParams();
  const revisions = found.data ?? [];
  const newest = revisions[0]?.revision ?? 1;
  const to = Number(address.get("to")) || newest;
  const from = Number(address.get("from")) || Math.max(1, to - 1);
  const compare = (before: number, after: number): void =>
    setAddress({ from: String(before), to: String(after) }, { replace: true });
  return (
    <>
      <PageHeader
        title={words.title}
        intro={revisions[0] ? words.intro(revisions[0].name) : null}
        before={<BackLink to={`/${collection}/${id}`} label={backLabel} />}
      />
      {found.isPending ? <Waiting height={80} /> : null}
      {found.isError && !found.data ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : null}
      <Stack>
        {revisions.length > 1 ? (
          <Comparison
            {...comparing}
            collection={collection}
            id={id}
            revisions={revisions}
            from={from}
            to={to}
            onChange={compare}
          />
        ) : null}
        <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
          {revisions.map((revision, index) => (
            <RevisionRow
              key={revision.revision}
              collection={collection}
              revision={revision}
              current={index === 0}
              isOn={revisions[0]?.enabled ?? true}
              onShow={
                index < revisions.length - 1
                  ? () => compare(revision.revision - 1, revision.revision)
                  : undefined
              }
            />
          ))}
        </Stack>
      </Stack>
    </>
  );
}

interface RevisionRowProps {
  collection: Collection;
  revision: Revision;
  current: boolean;
  /** Whether the present revision is switched on. */
  isOn: boolean;
  /** Absent for the first one, which has changed nothing. */
  onShow: (() => void) | undefined;
}

function RevisionRow({ collection, revision: document, current, isOn, onShow }: RevisionRowProps) {
  const { id, revision, comment } = document;
  const mayEdit = useMay("edit");
  const restore = useRestore(collection);
  const [asking, { open, close }] = useDisclosure();
  const bring = (): void => {
    close();
    restore.mutateAsync({ id, revision, comment: words.restoreComment(revision) }).then(
      () => told(words.restored(revision, document.enabled)),
      (error: unknown) => refused(error),
    );
  };
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text fw={600}>{words.revision(revision)}</Text>
          {current ? (
            <Badge variant="light" tt="none">
              {words.current}
            </Badge>
          ) : null}
          <Text size="sm" c="dimmed">
            <Time at={document.updated_at} /> {words.by(document.updated_by)}
          </Text>
        </Group>
        <Group gap="xs">
          {onShow ? (
            <Button
              size="compact-sm"
              variant="subtle"
              aria-label={words.showLabel(revision)}
              onClick={() => {
                onShow();
                window.scrollTo({ top: 0, behavior: "smooth" });
              }}
            >
              {words.show}
            </Button>
          ) : null}
          {current || !mayEdit ? null : (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={words.restoreLabel(revision)}
              loading={restore.isPending}
              onClick={open}
            >
              {words.restore}
            </Button>
          )}
        </Group>
      </Group>
      <Text
        size="sm"
        c={comment ? undefined : "dimmed"}
        style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}
      >
        {comment || (onShow ? words.noComment : words.first)}
      </Text>
      <RestoreQuestion opened={asking} revision={document} isOn={isOn} onClose={close} onConfirm={bring} />
    </Paper>
  );
}
