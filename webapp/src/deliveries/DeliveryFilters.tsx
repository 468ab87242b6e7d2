// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Chip, Group, Pill, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useDestinations } from "../api/destinations";
import { states } from "../api/deliveryDocuments";
import { usePolicies } from "../api/policies";
import { SearchInput } from "../layout/SearchInput";
import { texts } from "../texts";
import { spans, type DeliveryView, type Span } from "./filters";

const words = texts.deliveries.filters;
/** What other pages lead here with; it is not chosen here. */
const only = ["resource", "run"] as const;

export interface DeliveryFiltersProps {
  view: DeliveryView;
  filtered: boolean;
  onChange: (patch: Partial<DeliveryView>) => void;
}

/** Narrows the list down; all of it is kept in the address. */
export function DeliveryFilters({ view, filtered, onChange }: DeliveryFiltersProps) {
  const policies = usePolicies().data ?? [];
  const destinations = useDestinations().data ?? [];
  return (
    <Group role="search" aria-label={words.label} gap="xs" mb="sm" align="center">
      <SearchInput
        key={view.search === "" ? "empty" : "asked"}
        label={words.searchLabel}
        placeholder={words.search}
        value={view.search}
        onChange={(search) => onChange({ search })}
      />
      <Select
        aria-label={words.policy}
        placeholder={words.anyPolicy}
        data={policies.map(({ id, name }) => ({ value: id, label: name }))}
        value={view.policy || null}
        onChange={(policy) => onChange({ policy: policy ?? "" })}
        searchable
        clearable
        w={190}
      />
      <Select
        aria-label={words.destination}
        placeholder={words.anyDestination}
        data={destinations.map(({ id, name }) => ({ value: id, label: name }))}
        value={view.destination || null}
        onChange={(destination) => onChange({ destination: destination ?? "" })}
        searchable
        clearable
        w={190}
      />
      <Select
        aria-label={words.since}
        placeholder={words.anyTime}
        data={(Object.keys(spans) as Span[]).map((value) => ({ value, label: words.spans[value] }))}
        value={view.span || null}
        onChange={(span) => onChange({ span: span ?? "" })}
        clearable
        w={180}
      />
      <Chip.Group multiple value={view.states} onChange={(chosen) => onChange({ states: chosen })}>
        <Group gap={6} role="group" aria-label={words.states}>
          {states.map((state) => (
            <Chip key={state} value={state} size="xs" variant="outline">
              {texts.deliveries.states[state]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {only.map((name) =>
        view[name] ? (
          <Pill
            key={name}
            withRemoveButton
            onRemove={() => onChange({ [name]: "" })}
            removeButtonProps={{ "aria-label": words.clear, tabIndex: 0 }}
          >
            {words.only[name](view[name].slice(0, 8))}
          </Pill>
        ) : null,
      )}
      {filtered ? (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() =>
            onChange({ states: [], policy: "", destination: "", resource: "", run: "", search: "", span: "" })
          }
        >
          {words.clear}
        </Button>
      ) : null}
    </Group>
  );
}
