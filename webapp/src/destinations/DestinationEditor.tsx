// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, List, Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import type { SubmitEvent } from "react";
import { Link, useNavigate } from "react-router";
import { fetchDestination, useDestinationKinds, useSaveDestination } from "../api/destinations";
import type { Destination, DestinationDraft } from "../api/destinationDocuments";
import { usePolicies } from "../api/policies";
import { ConflictNotice } from "../editing/ConflictNotice";
import { Editable } from "../editing/Editable";
import { FaultList } from "../editing/FaultList";
import { FaultsContext, useFault } from "../editing/faults";
import { SavedWhen } from "../editing/SavedWhen";
import { SaveBar } from "../editing/SaveBar";
import { UnsavedGuard } from "../editing/UnsavedGuard";
import { useEditor } from "../editing/useEditor";
import { BackLink } from "../layout/BackLink";
import { told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Section } from "../layout/Section";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { check } from "./check";
import { destinationDraft } from "./draft";
import { DeliveryFields } from "./DeliveryFields";
import { DestinationState } from "./DestinationState";
import { SettingsForm } from "./SettingsForm";
import { settingsFor } from "./settings";
import { TestButtons } from "./TestButtons";
import { policiesUsing } from "./users";

const words = texts.destinations.editor;
/** Faults at these places are shown by the field that has them. */
const shownByFields = /^(name|kind|settings\..+|retry\..+|concurrency|batch|alternate)$/;

export interface DestinationEditorProps {
  stored: Destination | undefined;
  blank: DestinationDraft;
}

/** Makes or changes a destination. */
export function DestinationEditor({ stored: opened, blank }: DestinationEditorProps) {
  const navigate = useNavigate();
  const saving = useSaveDestination();
  const editor = useEditor<DestinationDraft, Destination>({
    stored: opened,
    blank,
    toDraft: destinationDraft,
    check,
    save: saving.mutateAsync,
    fetch: fetchDestination,
  });
  const { draft, stored, change } = editor;

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const destination = await editor.submit();
    if (!destination) return;
    told(words.saved(destination.name));
    if (!stored) await navigate("/destinations", { state: { saved: true } });
  };

  return (
    <FaultsContext value={editor.faults}>
      <UnsavedGuard dirty={editor.dirty} />
      <form onSubmit={submit} noValidate>
        <PageHeader
          title={stored ? stored.name : words.newTitle}
          before={<BackLink to="/destinations" label={words.back} />}
          intro={
            stored ? <SavedWhen document={stored} history={`/destinations/${stored.id}/history`} /> : null
          }
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
          <ConflictNotice editor={editor} toDraft={destinationDraft} fieldNames={words.fieldNames} />
          <FaultList error={editor.error} faults={editor.faults} shown={shownByFields} />
          {stored ? <DestinationState id={stored.id} /> : null}
          <Connection draft={draft} stored={stored} onChange={change} />
          {stored ? <UsedBy destination={stored} /> : null}
          <Section title={words.sections.delivery}>
            <Editable>
              <DeliveryFields draft={draft} id={stored?.id} onChange={change} />
            </Editable>
          </Section>
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
    </FaultsContext>
  );
}

interface ConnectionProps {
  draft: DestinationDraft;
  stored: Destination | undefined;
  onChange: (patch: Partial<DestinationDraft>) => void;
}

function Connection({ draft, stored, onChange }: ConnectionProps) {
  const kinds = useDestinationKinds();
  const nameFault = useFault("name");
  const kindFault = useFault("kind");
  if (kinds.isPending) return <Waiting rows={4} />;
  if (kinds.isError) return <Problem error={kinds.error} retry={() => void kinds.refetch()} />;
  const kind = kinds.data.find((one) => one.kind === draft.kind);
  const choose = (name: string | null): void => {
    const chosen = kinds.data.find((one) => one.kind === name);
    if (chosen) onChange({ kind: chosen.kind, settings: settingsFor(chosen.schema, draft.settings) });
  };
  return (
    <Section title={words.sections.settings}>
      <Editable>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={words.name}
            placeholder={words.namePlaceholder}
            required
            value={draft.name}
            onChange={(event) => onChange({ name: event.currentTarget.value })}
            error={nameFault}
            maxLength={200}
          />
          <Select
            label={words.kind}
            data={kinds.data.map((one) => ({ value: one.kind, label: one.label }))}
            value={kind ? kind.kind : null}
            onChange={choose}
            allowDeselect={false}
            error={kindFault}
          />
        </SimpleGrid>
      </Editable>
      {kind ? (
        <SettingsForm
          schema={kind.schema}
          settings={draft.settings}
          secretsSet={stored?.kind === draft.kind ? stored.secrets_set : []}
          onChange={(settings) => onChange({ settings })}
        />
      ) : (
        <Text c="dimmed">{words.noKinds}</Text>
      )}
      <Editable>
        <Switch
          label={words.external}
          description={words.externalHint}
          checked={draft.external}
          onChange={(event) => onChange({ external: event.currentTarget.checked })}
        />
      </Editable>
      <TestButtons
        target={{ draft, id: stored?.id }}
        takesImages={kind?.actions.includes("forward") ?? false}
      />
    </Section>
  );
}

function UsedBy({ destination }: { destination: Destination }) {
  const users = policiesUsing(destination, usePolicies().data);
  return (
    <Section title={words.sections.usedBy}>
      {users.length === 0 ? (
        <Text size="sm" c="dimmed">
          {texts.destinations.unused}
        </Text>
      ) : (
        <List size="sm">
          {users.map((policy) => (
            <List.Item key={policy.id}>
              <Anchor component={Link} to={`/policies/${policy.id}`}>
                {policy.name}
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}
