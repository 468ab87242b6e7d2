// SPDX-License-Identifier: GPL-3.0-or-later
import { Select, SimpleGrid, Stack, Switch } from "@mantine/core";
import { days, priorities, type Action, type Priority } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import type { ActionFormProps } from "./form";
import { WindowFields } from "./WindowFields";

const words = texts.actions.common;

export interface WhenAndWhatProps extends ActionFormProps {
  /** Whether it gives images to a destination, from where some of them may have come. */
  sendsBack: boolean;
}

/** What all actions have: which of the images, before or after others, and at which hours. */
export function WhenAndWhat({ action, place, level, sendsBack, onChange }: WhenAndWhatProps) {
  const faults = {
    priority: useFault(`${place}.priority`),
    select: useFault(`${place}.select`),
    sendBack: useFault(`${place}.send_back`),
  };
  const { window } = action;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={words.priority}
          data={priorities.map((value) => ({ value, label: words.priorities[value] }))}
          value={action.priority}
          onChange={(value) => onChange({ ...action, priority: value as Priority })}
          allowDeselect={false}
          error={faults.priority}
        />
        {level === "instance" && !faults.select ? null : (
          <Select
            label={words.select}
            data={(["all", "matching"] as const).map((value) => ({ value, label: words.selects[value] }))}
            value={action.select}
            onChange={(value) => onChange({ ...action, select: value as Action["select"] })}
            allowDeselect={false}
            error={faults.select}
          />
        )}
      </SimpleGrid>
      {sendsBack ? (
        <Switch
          label={words.sendBack}
          description={words.sendBackHint}
          checked={"send_back" in action && action.send_back === true}
          onChange={(event) => onChange({ ...action, send_back: event.currentTarget.checked } as Action)}
          error={faults.sendBack}
        />
      ) : null}
      <Switch
        label={words.window}
        description={words.windowHint}
        checked={Boolean(window)}
        onChange={(event) =>
          onChange({
            ...action,
            window: event.currentTarget.checked ? { days: [...days], from: "20:00", to: "06:00" } : null,
          })
        }
      />
      {window ? (
        <WindowFields
          window={window}
          place={`${place}.window`}
          onChange={(changed) => onChange({ ...action, window: changed })}
        />
      ) : null}
    </Stack>
  );
}
