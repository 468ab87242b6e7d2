// SPDX-License-Identifier: GPL-3.0-or-later
import { NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { packings, type ProcessAction } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import { DestinationField } from "./DestinationField";
import type { ActionFormProps } from "./form";

const words = texts.actions.process;

/** Have a service make something of the images; what it gives back is stored here. */
export function ProcessForm({ action, place, onChange }: ActionFormProps<ProcessAction>) {
  const faults = { send: useFault(`${place}.send`), deadline: useFault(`${place}.deadline_seconds`) };
  return (
    <Stack gap="sm">
      <DestinationField
        type="process"
        value={action.destination}
        place={place}
        onChange={(destination) => onChange({ ...action, destination })}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={words.send}
          data={packings.map((value) => ({ value, label: words.packings[value] }))}
          value={action.send ?? "multipart"}
          onChange={(send) => onChange({ ...action, send: send as ProcessAction["send"] })}
          allowDeselect={false}
          error={faults.send}
        />
        <NumberInput
          label={words.deadline}
          description={words.deadlineHint}
          value={action.deadline_seconds ?? 3600}
          onChange={(seconds) => onChange({ ...action, deadline_seconds: Number(seconds) })}
          allowDecimal={false}
          clampBehavior="none"
          hideControls
          error={faults.deadline}
        />
      </SimpleGrid>
    </Stack>
  );
}
