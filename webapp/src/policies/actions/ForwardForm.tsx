import { Stack, Switch } from "@mantine/core";
import type { ForwardAction } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import { DestinationField } from "./DestinationField";
import type { ActionFormProps } from "./kinds";
import { TransformForm } from "./transform/TransformForm";

const words = texts.actions.forward;

/** Send what matched to a destination, changed on the way where that is wanted. */
export function ForwardForm({ action, place, onChange }: ActionFormProps<ForwardAction>) {
  const { transform } = action;
  const fault = useFault(`${place}.transform`);
  return (
    <Stack gap="sm">
      <DestinationField
        type="forward"
        value={action.destination}
        place={place}
        onChange={(destination) => onChange({ ...action, destination })}
      />
      <Switch
        label={words.transform}
        description={words.transformHint}
        checked={Boolean(transform)}
        onChange={(event) => onChange({ ...action, transform: event.currentTarget.checked ? {} : null })}
        error={transform ? undefined : fault}
      />
      {transform ? (
        <TransformForm
          transform={transform}
          place={`${place}.transform`}
          stores={false}
          destination={action.destination}
          onChange={(changed) => onChange({ ...action, transform: changed })}
        />
      ) : null}
    </Stack>
  );
}
