import { Badge, Button, Code, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useParams } from "react-router";
import type { Policy } from "../api/documents";
import { useMay } from "../api/health";
import { usePolicyRevisions, useRestorePolicy } from "../api/policies";
import { useOperators } from "../api/rules";
import { draftOf } from "../api/draftOf";
import { BackLink } from "../layout/BackLink";
import { refused, told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Time } from "../layout/Time";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { changes } from "./changes";

const words = texts.policies.history;

/** Every revision of a policy, what each has changed, and a way back to it. */
export function HistoryPage() {
  const { id = "" } = useParams();
  const found = usePolicyRevisions(id);
  const revisions = found.data?.items;
  return (
    <>
      <PageHeader
        title={words.title}
        intro={revisions?.[0] ? words.intro(revisions[0].name) : null}
        before={<BackLink to={`/policies/${id}`} label={words.back} />}
      />
      {found.isPending ? <Waiting height={80} /> : null}
      {found.isError && !revisions ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : null}
      <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
        {revisions?.map((policy, index) => (
          <Revision
            key={policy.revision}
            policy={policy}
            before={revisions[index + 1]}
            current={index === 0}
          />
        ))}
      </Stack>
    </>
  );
}

interface RevisionProps {
  policy: Policy;
  before: Policy | undefined;
  current: boolean;
}

function Revision({ policy, before, current }: RevisionProps) {
  const operators = useOperators().data;
  const mayEdit = useMay("edit");
  const restore = useRestorePolicy();
  const changed = before ? changes(draftOf(before), draftOf(policy), operators) : [];
  const names = texts.policies.editor.fieldNames;
  const bring = (): void => {
    restore.mutateAsync({ id: policy.id, revision: policy.revision }).then(
      () => told(words.restored(policy.revision)),
      (error: unknown) => refused(error),
    );
  };
  const summary = before
    ? changed.length > 0
      ? words.changed(changed.map(({ field }) => names[field] ?? field).join(", "))
      : words.same
    : words.first;
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{texts.policies.editor.revision(policy.revision)}</Text>
          {current ? (
            <Badge variant="light" tt="none">
              {words.current}
            </Badge>
          ) : null}
          <Text size="sm" c="dimmed">
            <Time at={policy.updated_at} /> {texts.policies.editor.savedBy(policy.updated_by)}
          </Text>
        </Group>
        {current || !mayEdit ? null : (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={words.restoreLabel(policy.revision)}
            loading={restore.isPending}
            onClick={bring}
          >
            {words.restore}
          </Button>
        )}
      </Group>
      <Text size="sm">{summary}</Text>
      {changed.map((change) => (
        <SimpleGrid key={change.field} cols={{ base: 1, sm: 2 }} spacing="xs" mt="xs">
          <Side label={`${words.before}: ${names[change.field] ?? change.field}`} text={change.before} />
          <Side label={`${words.after}: ${names[change.field] ?? change.field}`} text={change.after} />
        </SimpleGrid>
      ))}
    </Paper>
  );
}

function Side({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Code>
    </div>
  );
}
