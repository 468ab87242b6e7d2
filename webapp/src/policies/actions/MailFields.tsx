// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Checkbox, Group, NumberInput, Stack, TagsInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Attachments, NotifyAction } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import type { ActionFormProps } from "./form";
import { FilledTemplate } from "./FilledTemplate";
import { TemplateInput } from "./TemplateInput";

const words = texts.actions.notify;
const megabyte = 1_000_000;

/** Recipients, texts and attachments of a mail. */
export function MailFields({ action, place, onChange }: ActionFormProps<NotifyAction>) {
  const [asked, setAsked] = useState({ copies: false, html: false });
  const faults = {
    subject: useFault(`${place}.subject`),
    body: useFault(`${place}.body`),
    html: useFault(`${place}.html`),
  };
  const change = (patch: Partial<NotifyAction>): void => onChange({ ...action, ...patch });
  const copies = asked.copies || Boolean(action.cc?.length) || Boolean(action.bcc?.length);
  const html = asked.html || Boolean(action.html) || Boolean(faults.html);
  const template = { extras: words.extras };
  return (
    <Stack gap="sm">
      <Recipients
        label={words.to}
        description={words.toHint}
        place={`${place}.to`}
        value={action.to}
        onChange={(to) => change({ to })}
      />
      {copies ? (
        <>
          <Recipients
            label={words.cc}
            place={`${place}.cc`}
            value={action.cc}
            onChange={(cc) => change({ cc })}
          />
          <Recipients
            label={words.bcc}
            place={`${place}.bcc`}
            value={action.bcc}
            onChange={(bcc) => change({ bcc })}
          />
        </>
      ) : null}
      <TemplateInput
        {...template}
        label={words.subject}
        required
        value={action.subject ?? ""}
        onChange={(subject) => change({ subject })}
        error={faults.subject}
      />
      <TemplateInput
        {...template}
        label={words.body}
        lines={4}
        value={action.body ?? ""}
        onChange={(body) => change({ body })}
        error={faults.body}
      />
      {html ? (
        <TemplateInput
          {...template}
          label={words.html}
          kind="html"
          description={words.htmlHint}
          lines={4}
          value={action.html ?? ""}
          onChange={(changed) => change({ html: changed })}
          error={faults.html}
        />
      ) : null}
      <Group gap="xs">
        {copies ? null : (
          <More label={words.addCopies} onClick={() => setAsked({ ...asked, copies: true })} />
        )}
        {html ? null : <More label={words.addHtml} onClick={() => setAsked({ ...asked, html: true })} />}
      </Group>
      <AttachmentFields
        attachments={action.attachments ?? {}}
        place={`${place}.attachments`}
        onChange={(attachments) => change({ attachments })}
      />
    </Stack>
  );
}

function More({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

interface RecipientsProps {
  label: string;
  description?: string;
  place: string;
  value: string[] | undefined;
  onChange: (value: string[]) => void;
}

function Recipients({ label, description, place, value = [], onChange }: RecipientsProps) {
  const fault = useFault(place, true);
  return (
    <div>
      <TagsInput
        label={label}
        description={description}
        placeholder={value.length === 0 ? words.addressPlaceholder : undefined}
        value={value}
        onChange={onChange}
        splitChars={[",", ";"]}
        acceptValueOnBlur
        error={fault}
      />
      <FilledTemplate template={value.join(", ")} kind="text" />
    </div>
  );
}

interface AttachmentFieldsProps {
  attachments: Partial<Attachments>;
  place: string;
  onChange: (attachments: Partial<Attachments>) => void;
}

function AttachmentFields({ attachments, place, onChange }: AttachmentFieldsProps) {
  const fault = useFault(place, true);
  const { preview = false, series_csv = false, max_bytes = 5 * megabyte } = attachments;
  return (
    <Stack gap="xs" role="group" aria-label={words.attachments}>
      <Checkbox
        label={words.preview}
        checked={preview}
        onChange={(event) => onChange({ ...attachments, preview: event.currentTarget.checked })}
        error={preview || series_csv ? undefined : fault}
      />
      <Checkbox
        label={words.seriesCsv}
        checked={series_csv}
        onChange={(event) => onChange({ ...attachments, series_csv: event.currentTarget.checked })}
      />
      {preview || series_csv ? (
        <NumberInput
          label={words.maxMegabytes}
          description={words.maxHint}
          w={{ base: "100%", xs: 260 }}
          decimalScale={2}
          clampBehavior="none"
          hideControls
          value={max_bytes / megabyte}
          onChange={(value) => onChange({ ...attachments, max_bytes: Math.round(Number(value) * megabyte) })}
          error={fault}
        />
      ) : null}
    </Stack>
  );
}
