// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack } from "@mantine/core";
import type { ForwardAction } from "../../api/actions";
import { DestinationField } from "./DestinationField";
import type { ActionFormProps } from "./form";
import { TransformField } from "./TransformField";

/** Send what matched to a destination, changed on the way where that is wanted. */
export function ForwardForm({ action, place, onChange }: ActionFormProps<ForwardAction>) {
  return (
    <Stack gap="sm">
      <DestinationField
        type="forward"
        value={action.destination}
        place={place}
        onChange={(destination) => onChange({ ...action, destination })}
      />
      <TransformField
        transform={action.transform}
        place={`${place}.transform`}
        destination={action.destination}
        onChange={(transform) => onChange({ ...action, transform })}
      />
    </Stack>
  );
}
