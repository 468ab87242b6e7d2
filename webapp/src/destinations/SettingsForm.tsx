// SPDX-License-Identifier: GPL-3.0-or-later
import { SimpleGrid } from "@mantine/core";
import { useAliases, useModalities } from "../api/destinations";
import type { Schema, Settings } from "../api/destinationDocuments";
import { fieldsOf, withValue } from "../editing/schema";
import { SchemaField } from "../editing/SchemaField";
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
export function SettingsForm({ schema, settings, secretsSet, onChange }: SettingsFormProps) {
  const fields = fieldsOf(schema);
  const suggestions = useAliasesFor(new Set(fields.map(({ name }) => name)));
  const hasHostKey = fields.some(({ name }) => name === "host_key");
  const writesFiles = fields.some(({ name }) => name === "file_name");
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {fields.map((field) => (
          <SchemaField
            key={field.name}
            field={field}
            place={`settings.${field.name}`}
            suggestions={suggestions[field.name] ?? []}
            secretSet={secretsSet.includes(field.name)}
            value={settings[field.name]}
            onChange={(value) => onChange(withValue(settings, field.name, value))}
          />
        ))}
      </SimpleGrid>
      {writesFiles ? <PathSample path={textOf(settings.path)} fileName={textOf(settings.file_name)} /> : null}
      {hasHostKey ? (
        <HostKeyButton settings={settings} onPin={(key) => onChange(withValue(settings, "host_key", key))} />
      ) : null}
    </>
  );
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
