// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Checkbox, Group, List, Modal, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerTrackNext } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { priorities, type Priority } from "../api/actions";
import { useMay } from "../api/health";
import { useStartRun, type PreviewReport, type Run } from "../api/runs";
import { useActionWords } from "../layout/actionWords";
import { Problem } from "../layout/Problem";
import { size } from "../layout/sizes";
import { texts } from "../texts";

const words = texts.runs.replay;

export interface ReplayButtonProps {
  preview: Run;
  report: PreviewReport;
  /** The revision of the policy that is stored now, where that is known. */
  revision: number | undefined;
}

/** Has a policy carried out on what a preview has matched, once a person has seen the numbers. */
export function ReplayButton({ preview, report, revision }: ReplayButtonProps) {
  const mayOperate = useMay("operate");
  const [asking, { open, close }] = useDisclosure();
  const { policy } = preview;
  if (!mayOperate || report.studies.matched === 0 || !policy) return null;
  const hindrance =
    policy.id === null || policy.revision === null
      ? words.needsSave
      : revision !== undefined && revision !== policy.revision
        ? words.needsCurrent
        : null;
  return (
    <Group gap="xs">
      <Button
        leftSection={<IconPlayerTrackNext size={18} aria-hidden />}
        disabled={hindrance !== null}
        onClick={open}
      >
        {words.action}
      </Button>
      <Text size="sm" c="dimmed">
        {hindrance ?? words.hint}
      </Text>
      <Modal
        opened={asking}
        onClose={close}
        title={words.title}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        {policy.id === null ? null : (
          <Question policy={policy.id} preview={preview} report={report} onClose={close} />
        )}
      </Modal>
    </Group>
  );
}

interface QuestionProps {
  policy: string;
  preview: Run;
  report: PreviewReport;
  onClose: () => void;
}

function Question({ policy, preview, report, onClose }: QuestionProps) {
  const navigate = useNavigate();
  const wordsOf = useActionWords();
  const start = useStartRun();
  const [again, setAgain] = useState(false);
  const [priority, setPriority] = useState<Priority>("bulk");
  const studies = texts.runs.studiesCount(report.studies.matched);
  const replay = (): void => {
    start
      .mutateAsync({ kind: "replay", policy, run: preview.id, again, priority })
      .then((run) => navigate(`/runs/${run.id}`))
      // Why it was refused is shown below.
      .catch(() => undefined);
  };
  return (
    <Stack>
      <Text>{words.question(studies, texts.deliveries.images(report.instances), size(report.bytes))}</Text>
      <List size="sm">
        {report.destinations.map(({ action, destination, instances }) => (
          <List.Item key={action.id}>
            {destination
              ? words.to(texts.deliveries.images(instances), destination.name)
              : words.toAction(texts.deliveries.images(instances), wordsOf(action.type).label)}
          </List.Item>
        ))}
      </List>
      <Checkbox
        label={words.again}
        description={words.againHint}
        checked={again}
        onChange={(event) => setAgain(event.currentTarget.checked)}
      />
      <Select
        label={words.priority}
        data={priorities.map((value) => ({ value, label: texts.actions.common.priorities[value] }))}
        value={priority}
        onChange={(chosen) => setPriority(chosen as Priority)}
        allowDeselect={false}
      />
      {start.isError ? <Problem error={start.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {texts.common.cancel}
        </Button>
        <Button onClick={replay} loading={start.isPending}>
          {words.confirm(studies)}
        </Button>
      </Group>
    </Stack>
  );
}
