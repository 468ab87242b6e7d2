import { Anchor, Select, SimpleGrid, Text } from "@mantine/core";
import { Link } from "react-router";
import { useDestinations } from "../../api/destinations";
import { priorities, type ForwardAction, type Priority } from "../../api/documents";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import type { ActionFormProps } from "./kinds";

const words = texts.policies.editor.actions.forward;

/** Send what matched to a destination. */
export function ForwardForm({ action, place, level, onChange }: ActionFormProps) {
  const destinations = useDestinations();
  const choices = (destinations.data ?? []).map(({ id, name, enabled }) => ({
    value: id,
    label: enabled ? name : `${name} (${words.off})`,
  }));
  // A document written by hand may name the destination instead of giving its id.
  const chosen = destinations.data?.find(
    ({ id, name }) => id === action.destination || name === action.destination,
  );
  const faults = {
    destination: useFault(`${place}.destination`),
    priority: useFault(`${place}.priority`),
    select: useFault(`${place}.select`),
  };
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: level === "instance" ? 2 : 3 }}>
        <Select
          label={words.destination}
          placeholder={words.destinationPlaceholder}
          required
          searchable
          data={choices}
          value={chosen?.id ?? null}
          onChange={(id) => onChange({ ...action, destination: id ?? "" })}
          allowDeselect={false}
          error={faults.destination}
        />
        <Select
          label={words.priority}
          data={priorities.map((value) => ({ value, label: words.priorities[value] }))}
          value={action.priority}
          onChange={(value) => onChange({ ...action, priority: value as Priority })}
          allowDeselect={false}
          error={faults.priority}
        />
        {level === "instance" ? null : (
          <Select
            label={words.select}
            data={(["all", "matching"] as const).map((value) => ({ value, label: words.selects[value] }))}
            value={action.select}
            onChange={(value) => onChange({ ...action, select: value as ForwardAction["select"] })}
            allowDeselect={false}
            error={faults.select}
          />
        )}
      </SimpleGrid>
      {destinations.data?.length === 0 ? (
        <Text size="sm" mt="xs">
          {words.noDestinations}{" "}
          <Anchor component={Link} to="/destinations/new" underline="always">
            {words.addDestination}
          </Anchor>
        </Text>
      ) : null}
    </>
  );
}
