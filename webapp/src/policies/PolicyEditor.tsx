// SPDX-License-Identifier: GPL-3.0-or-later
import { Box, Paper, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { lazy, Suspense, useMemo, useState, type SubmitEvent } from "react";
import { useNavigate } from "react-router";
import { useWarnings } from "../api/checks";
import type { Policy, PolicyDraft } from "../api/policyDocuments";
import { useMay } from "../api/health";
import { fetchPolicy, useSavePolicy } from "../api/policies";
import { useOperators } from "../api/rules";
import { ConflictNotice } from "../editing/ConflictNotice";
import { draftOf } from "../api/draftOf";
import { Editable } from "../editing/Editable";
import { FaultList } from "../editing/FaultList";
import { FaultsContext, useFault } from "../editing/faults";
import { SavedWhen } from "../editing/SavedWhen";
import { SaveBar } from "../editing/SaveBar";
import { UnsavedGuard } from "../editing/UnsavedGuard";
import { useEditor } from "../editing/useEditor";
import { BackLink } from "../layout/BackLink";
import { told, warned } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { Section } from "../layout/Section";
import { Waiting } from "../layout/Waiting";
import { RuleBuilder } from "../rules/RuleBuilder";
import { sentence } from "../rules/sentence";
import { toRule, toTree, type TreeGroup } from "../rules/tree";
import { same } from "../editing/same";
import { StudySelect } from "../studies/StudySelect";
import { texts } from "../texts";
import { ActionList } from "./actions/ActionList";
import { SampleContext } from "./actions/sample";
import { hasTemplates, hasTransforms, sampleLabel } from "./actions/template";
import { CaseList } from "./cases/CaseList";
import { check } from "./check";
import { OrderFields } from "./OrderFields";
import { TriggerFields } from "./TriggerFields";
import { TryIt } from "./TryIt";
import { WarningList } from "./WarningList";

const words = texts.policies.editor;
const PreviewPanel = lazy(async () => ({ default: (await import("../runs/PreviewPanel")).PreviewPanel }));
/** Faults at these places are shown by the field that has them. */
const shownByFields =
  /^(name|description|order|rule\b.*|trigger\.quiet_seconds|actions|actions\[\d+\](\.(?!id$).+)?|cases\[\d+\].*)$/;

export interface PolicyEditorProps {
  stored: Policy | undefined;
  blank: PolicyDraft;
}

/** Makes or changes a policy. */
export function PolicyEditor({ stored: opened, blank }: PolicyEditorProps) {
  const navigate = useNavigate();
  const saving = useSavePolicy();
  const operators = useOperators().data;
  const mayOperate = useMay("operate");
  const editor = useEditor<PolicyDraft, Policy>({
    stored: opened,
    blank,
    toDraft: draftOf,
    check,
    save: saving.mutateAsync,
    fetch: fetchPolicy,
  });
  const { draft, stored, change } = editor;

  // The builder's tree has identities that the document has not; it is made anew when the rule is another.
  const [tree, setTree] = useState(() => toTree(draft.rule));
  if (!same(toRule(tree), draft.rule)) setTree(toTree(draft.rule));
  const changeTree = (next: TreeGroup): void => {
    setTree(next);
    change({ rule: toRule(next) });
  };

  // One study serves all that is tried: the rule, and the texts of actions.
  const [study, setStudy] = useState<string | null>(null);
  const sample = useMemo(
    () =>
      study && mayOperate ? { resource: { level: "study" as const, id: study }, policy: draft.name } : null,
    [study, mayOperate, draft.name],
  );

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const policy = await editor.submit();
    if (!policy) return;
    const warnings = policy.warnings?.length ?? 0;
    if (warnings > 0) warned(words.warnings.saved(policy.name, warnings));
    else if (stored) told(words.saved(policy.name));
    else told(policy.enabled ? words.created(policy.name) : words.createdOff(policy.name));
    if (!stored) {
      const next = warnings > 0 ? `/policies/${policy.id}` : "/policies";
      await navigate(next, { state: { saved: true } });
    }
  };

  return (
    <FaultsContext value={editor.faults}>
      <UnsavedGuard dirty={editor.dirty} />
      <form onSubmit={submit} noValidate>
        <PageHeader
          title={stored ? stored.name : words.newTitle}
          before={<BackLink to="/policies" label={words.back} />}
          intro={stored ? <SavedWhen document={stored} history={`/policies/${stored.id}/history`} /> : null}
        >
          <Editable>
            <Switch
              label={words.enabled}
              description={words.enabledHint}
              checked={draft.enabled}
              onChange={(event) => change({ enabled: event.currentTarget.checked })}
            />
          </Editable>
        </PageHeader>
        <Stack>
          <ConflictNotice editor={editor} toDraft={draftOf} fieldNames={words.fieldNames} />
          <FaultList error={editor.error} faults={editor.faults} shown={shownByFields} />
          <Editable>
            <NameFields draft={draft} onChange={change} />
          </Editable>
          <Section title={words.sections.rule}>
            <Editable>
              <RuleBuilder tree={tree} onChange={changeTree} />
            </Editable>
            <Text size="sm" aria-label={words.sentenceLabel} role="note">
              {sentence(draft.rule, draft.trigger.level, operators)}
            </Text>
          </Section>
          <Section title={words.sections.tryIt}>
            <TryIt
              rule={draft.rule}
              level={draft.trigger.level}
              study={study}
              onStudy={setStudy}
              onKeep={(example) => change({ cases: [...draft.cases, example] })}
              nextName={words.cases.numbered(draft.cases.length + 1)}
            />
          </Section>
          <Section title={words.sections.cases}>
            <CaseList
              cases={draft.cases}
              rule={draft.rule}
              level={draft.trigger.level}
              onChange={(cases) => change({ cases })}
            />
          </Section>
          <Section title={words.sections.trigger}>
            <Editable>
              <TriggerFields trigger={draft.trigger} onChange={(trigger) => change({ trigger })} />
            </Editable>
          </Section>
          <Section title={words.sections.actions}>
            {(hasTemplates(draft.actions) || hasTransforms(draft.actions)) && mayOperate ? (
              <StudySelect label={sampleLabel(draft.actions)} value={study} onChange={setStudy} />
            ) : null}
            <SampleContext value={sample}>
              <ActionList
                actions={draft.actions}
                level={draft.trigger.level}
                onChange={(actions) => change({ actions })}
              />
            </SampleContext>
          </Section>
          <Section title={words.sections.order}>
            <Editable>
              <OrderFields draft={draft} onChange={change} />
            </Editable>
          </Section>
          <Warnings draft={draft} id={stored?.id} />
          <SaveBar
            dirty={editor.dirty}
            saving={editor.saving}
            isNew={!stored}
            onDiscard={editor.discard}
            comment={draft.comment}
            onComment={(comment) => change({ comment })}
          />
        </Stack>
      </form>
      <Box mt="md">
        <Suspense fallback={<Waiting rows={2} />}>
          <PreviewPanel stored={stored} draft={editor.dirty || !stored ? draft : undefined} />
        </Suspense>
      </Box>
    </FaultsContext>
  );
}

function Warnings({ draft, id }: { draft: PolicyDraft; id: string | undefined }) {
  const [asked] = useDebouncedValue(draft, 600);
  const warnings = useWarnings(asked, id).data;
  return warnings ? <WarningList warnings={warnings} /> : null;
}

function NameFields({
  draft,
  onChange,
}: {
  draft: PolicyDraft;
  onChange: (patch: Partial<PolicyDraft>) => void;
}) {
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <TextInput
          label={words.name}
          placeholder={words.namePlaceholder}
          required
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={useFault("name")}
          maxLength={200}
          data-autofocus
        />
        <Textarea
          label={words.description}
          description={words.descriptionHint}
          autosize
          minRows={1}
          maxRows={8}
          value={draft.description}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
          error={useFault("description")}
        />
      </Stack>
    </Paper>
  );
}
