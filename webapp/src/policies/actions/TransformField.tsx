// SPDX-License-Identifier: GPL-3.0-or-later
import { Switch } from "@mantine/core";
import type { Transform } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import { TransformForm } from "./transform/TransformForm";

const words = texts.actions.forward;

export interface TransformFieldProps {
  transform: Transform | null | undefined;
  /** Where the transform stands in the document, for its faults. */
  place: string;
  destination: string;
  onChange: (transform: Transform | null) => void;
}

/** Whether images are changed on their way to a destination, and how. */
export function TransformField({ transform, place, destination, onChange }: TransformFieldProps) {
  const fault = useFault(place);
  return (
    <>
      <Switch
        label={words.transform}
        description={words.transformHint}
        checked={Boolean(transform)}
        onChange={(event) => onChange(event.currentTarget.checked ? {} : null)}
        error={transform ? undefined : fault}
      />
      {transform ? (
        <TransformForm
          transform={transform}
          place={place}
          stores={false}
          destination={destination}
          onChange={onChange}
        />
      ) : null}
    </>
  );
}
