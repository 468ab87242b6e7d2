import { SimpleGrid } from "@mantine/core";
import { useModalities } from "../api/destinations";
import type { Schema, Settings } from "../api/documents";
import { SettingField } from "./SettingField";
import { fieldsOf, withSetting } from "./settingsSchema";

export interface SettingsFormProps {
  schema: Schema;
  settings: Settings;
  /** Whether the destination is stored, so that secrets may be there already. */
  stored: boolean;
  onChange: (settings: Settings) => void;
}

/** The form of a kind of destination, made from the schema of its settings. */
export function SettingsForm({ schema, settings, stored, onChange }: SettingsFormProps) {
  const fields = fieldsOf(schema);
  const modalities = useModalities(fields.some(({ name }) => name === "modality"));
  const suggestions: Record<string, string[]> = { modality: (modalities.data ?? []).map(({ name }) => name) };
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {fields.map((field) => (
        <SettingField
          key={field.name}
          field={field}
          suggestions={suggestions[field.name] ?? []}
          stored={stored}
          value={settings[field.name]}
          onChange={(value) => onChange(withSetting(settings, field.name, value))}
        />
      ))}
    </SimpleGrid>
  );
}
