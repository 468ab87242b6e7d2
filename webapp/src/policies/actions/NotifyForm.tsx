// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack } from "@mantine/core";
import type { NotifyAction } from "../../api/actions";
import { useDestinations } from "../../api/destinations";
import { JsonField } from "../../editing/JsonField";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import { DestinationField } from "./DestinationField";
import { FilledTemplate } from "./FilledTemplate";
import type { ActionFormProps } from "./form";
import { MailFields } from "./MailFields";
import { hasMail } from "./mail";
import { templatesIn } from "./template";

const words = texts.actions.notify;

/** Tell people by mail, or a program by HTTP. */
export function NotifyForm(props: ActionFormProps<NotifyAction>) {
  const { action, place, onChange } = props;
  const payloadFault = useFault(`${place}.payload`, true);
  const destination = useDestinations().data?.find(
    ({ id, name }) => id === action.destination || name === action.destination,
  );
  // What is filled in stays visible, though the other kind of destination has no use for it.
  const showsMail = destination?.kind === "email" || hasMail(action);
  const showsPayload = destination?.kind === "http" || Boolean(action.payload);
  return (
    <Stack gap="sm">
      <DestinationField
        type="notify"
        value={action.destination}
        place={place}
        onChange={(id) => onChange({ ...action, destination: id })}
      />
      {showsMail ? <MailFields {...props} /> : null}
      {showsPayload ? (
        <div>
          <JsonField
            label={words.payload}
            description={words.payloadHint}
            placeholder={words.payloadPlaceholder}
            value={action.payload}
            onChange={(payload) => onChange({ ...action, payload: payload as NotifyAction["payload"] })}
            error={payloadFault}
          />
          {templatesIn(action.payload).map(({ place: of, template }) => (
            <FilledTemplate key={of} of={of} template={template} kind="text" />
          ))}
        </div>
      ) : null}
    </Stack>
  );
}
