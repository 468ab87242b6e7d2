// SPDX-License-Identifier: GPL-3.0-or-later
import { Collapse, Group, SimpleGrid, Stack, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { useAliases, useModalities } from "../api/destinations";
import type { Schema, Settings } from "../api/destinationDocuments";
import { Editable } from "../editing/Editable";
import { useFaultIn } from "../editing/faults";
import { fieldsOf, withValue, type Field } from "../editing/schema";
import { SchemaField } from "../editing/SchemaField";
import { texts } from "../texts";
import { HostKeyButton } from "./HostKeyButton";
import { PathSample } from "./PathSample";

export interface SettingsFormProps {
  schema: Schema;
  settings: Settings;
  /** The secrets that are stored. */
  secretsSet: string[];
  onChange: (settings: Settings) => void;
}

/** The form of a kind of destination, made from the schema of its settings. */
export function SettingsForm(props: SettingsFormProps) {
  const { schema, settings, onChange } = props;
  const fields = fieldsOf(schema);
  const hasHostKey = fields.some(({ name }) => name === "host_key");
  const writesFiles = fields.some(({ name }) => name === "file_name");
  return (
    <>
      <Fields {...props} fields={fields.filter(({ rare }) => !rare)} />
      {writesFiles ? <PathSample path={textOf(settings.path)} fileName={textOf(settings.file_name)} /> : null}
      {hasHostKey ? (
        <HostKeyButton settings={settings} onPin={(key) => onChange(withValue(settings, "host_key", key))} />
      ) : null}
      <RareFields {...props} fields={fields.filter(({ rare }) => rare)} />
    </>
  );
}

type FieldsProps = SettingsFormProps & { fields: Field[] };

function Fields({ fields, settings, secretsSet, onChange }: FieldsProps) {
  const suggestions = useAliasesFor(new Set(fields.map(({ name }) => name)));
  return (
    <Editable>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {fields.map((field) => (
          <SchemaField
            key={field.name}
            field={field}
            place={placeOf(field)}
            suggestions={suggestions[field.name] ?? []}
            secretSet={secretsSet.includes(field.name)}
            value={settings[field.name]}
            onChange={(value) => onChange(withValue(settings, field.name, value))}
          />
        ))}
      </SimpleGrid>
    </Editable>
  );
}

/** What few people need: folded away at first, unless something of it is filled in; never while something is wrong. */
function RareFields(props: FieldsProps) {
  const { fields, settings, secretsSet } = props;
  const isFilledIn = fields.some(
    ({ name, defaultValue }) => secretsSet.includes(name) || !isNothing(settings[name], defaultValue),
  );
  const [opened, { toggle }] = useDisclosure(isFilledIn);
  const isWrong = useFaultIn(fields.map(placeOf));
  const id = useId();
  if (fields.length === 0) return null;
  const expanded = opened || isWrong;
  const Chevron = expanded ? IconChevronDown : IconChevronRight;
  return (
    <Stack gap="sm">
      <UnstyledButton onClick={toggle} aria-expanded={expanded} aria-controls={id} fz="sm" w="fit-content">
        <Group gap={4} wrap="nowrap">
          <Chevron size={16} aria-hidden />
          {texts.destinations.editor.moreSettings}
        </Group>
      </UnstyledButton>
      <Collapse expanded={expanded} id={id}>
        <Fields {...props} />
      </Collapse>
    </Stack>
  );
}

function placeOf({ name }: Field): string {
  return `settings.${name}`;
}

/** Whether a setting says nothing else than its default. */
function isNothing(value: unknown, defaultValue: unknown): boolean {
  return value === undefined || value === null || JSON.stringify(value) === JSON.stringify(defaultValue);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** For settings that name another server of Orthanc's configuration: what names there are. */
function useAliasesFor(names: Set<string>): Partial<Record<string, string[]>> {
  const modalities = useModalities(names.has("modality")).data;
  const peers = useAliases("peers", names.has("peer")).data;
  const servers = useAliases("dicom-web/servers", names.has("server")).data;
  return { modality: modalities?.map(({ name }) => name), peer: peers, server: servers };
}
