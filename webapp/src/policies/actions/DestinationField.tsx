// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Select, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDestinationKinds, useDestinations } from "../../api/destinations";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";

const words = texts.actions.destination;

export interface DestinationFieldProps {
  /** The type of the action; only destinations that can do it are offered. */
  type: string;
  value: string;
  place: string;
  onChange: (id: string) => void;
}

/** Which destination an action uses. */
export function DestinationField({ type, value, place, onChange }: DestinationFieldProps) {
  const destinations = useDestinations().data;
  const kinds = useDestinationKinds().data;
  const error = useFault(`${place}.destination`);
  // A document written by hand may name the destination instead of giving its id.
  const chosen = destinations?.find(({ id, name }) => id === value || name === value);
  const able = destinations?.filter(
    (one) =>
      one.id === chosen?.id || (kinds?.find(({ kind }) => kind === one.kind)?.actions.includes(type) ?? true),
  );
  return (
    <div>
      <Select
        label={words.label}
        placeholder={words.placeholder}
        required
        searchable
        data={(able ?? []).map(({ id, name, enabled }) => ({
          value: id,
          label: enabled ? name : `${name} (${words.off})`,
        }))}
        value={chosen?.id ?? null}
        onChange={(id) => onChange(id ?? "")}
        allowDeselect={false}
        error={error}
      />
      {able?.length === 0 ? (
        <Text size="sm" mt="xs">
          {words.noneOf[type] ?? words.none}{" "}
          <Anchor component={Link} to="/destinations/new" underline="always">
            {words.add}
          </Anchor>
        </Text>
      ) : null}
    </div>
  );
}
