// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack, Switch } from "@mantine/core";
import type { ModifyAction } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import type { ActionFormProps } from "./form";
import { TransformForm } from "./transform/TransformForm";

const words = texts.actions.modify;

/** Store a changed copy of each image in this Orthanc. */
export function ModifyForm({ action, place, onChange }: ActionFormProps<ModifyAction>) {
  const keep = action.keep_original ?? true;
  return (
    <Stack gap="sm">
      <TransformForm
        transform={action.transform}
        place={`${place}.transform`}
        stores
        onChange={(transform) => onChange({ ...action, transform })}
      />
      <Switch
        label={words.keepOriginal}
        description={keep ? words.keepHint : words.deleteHint}
        checked={keep}
        onChange={(event) => onChange({ ...action, keep_original: event.currentTarget.checked })}
        error={useFault(`${place}.keep_original`)}
      />
    </Stack>
  );
}
