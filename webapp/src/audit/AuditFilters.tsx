// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Pill, Select, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { SearchInput } from "../layout/SearchInput";
import { texts } from "../texts";
import { nothing, type AuditView } from "./filters";

const words = texts.audit.filters;

export interface AuditFiltersProps {
  view: AuditView;
  filtered: boolean;
  onChange: (patch: Partial<AuditView>) => void;
}

/** Narrows the trail down; all of it is kept in the address. */
export function AuditFilters({ view, filtered, onChange }: AuditFiltersProps) {
  return (
    <Group role="search" aria-label={words.label} gap="xs" mb="sm" align="center">
      <SearchInput
        key={`search ${String(view.search === "")}`}
        label={words.searchLabel}
        placeholder={words.search}
        value={view.search}
        onChange={(search) => onChange({ search })}
      />
      <SearchInput
        key={`actor ${String(view.actor === "")}`}
        label={words.actor}
        placeholder={words.anybody}
        value={view.actor}
        onChange={(actor) => onChange({ actor })}
        width={160}
      />
      <Select
        aria-label={words.event}
        placeholder={words.anyEvent}
        data={Object.entries(texts.audit.kinds).map(([value, label]) => ({ value, label }))}
        value={view.event || null}
        onChange={(event) => onChange({ event: event ?? "" })}
        clearable
        w={180}
      />
      <Select
        aria-label={words.outcome}
        placeholder={words.anyOutcome}
        data={Object.entries(texts.audit.outcomes).map(([value, label]) => ({ value, label }))}
        value={view.outcome || null}
        onChange={(outcome) => onChange({ outcome: outcome ?? "" })}
        clearable
        w={150}
      />
      <Group gap="xs" wrap="nowrap">
        <TextInput
          type="date"
          aria-label={words.from}
          value={view.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <span aria-hidden>–</span>
        <TextInput
          type="date"
          aria-label={words.to}
          value={view.to}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
      </Group>
      {view.object ? (
        <Pill
          withRemoveButton
          onRemove={() => onChange({ object: "" })}
          removeButtonProps={{ "aria-label": texts.common.clear, tabIndex: 0 }}
        >
          {words.object(view.object.slice(0, 8))}
        </Pill>
      ) : null}
      {filtered ? (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() => onChange(nothing)}
        >
          {texts.deliveries.filters.clear}
        </Button>
      ) : null}
    </Group>
  );
}
