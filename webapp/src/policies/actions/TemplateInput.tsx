// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Group, Popover, Stack, Text, Textarea, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBracesOff, IconCodePlus } from "@tabler/icons-react";
import { useRef } from "react";
import { useTemplateFilters, type TemplateUse } from "../../api/templates";
import { TagField } from "../../rules/TagField";
import { texts } from "../../texts";
import { FilledTemplate } from "./FilledTemplate";
import { filtered, inserted } from "./template";

const words = texts.actions.template;

export interface TemplateInputProps {
  label: string;
  /** Whether the label is only for those who do not see. */
  hiddenLabel?: boolean;
  description?: string;
  placeholder?: string;
  required?: boolean;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Several lines instead of one. */
  lines?: number;
  /** What can be used beside tags, as it is written into the template, with what it means. */
  extras?: Readonly<Record<string, string>>;
  /** What the text is for. */
  kind?: TemplateUse;
}

/** A text with tags in it, which can be searched and put in where the cursor is. */
export function TemplateInput({
  label,
  hiddenLabel = false,
  value,
  onChange,
  lines = 1,
  extras = {},
  kind = "text",
  ...shared
}: TemplateInputProps) {
  const [opened, { toggle, close }] = useDisclosure();
  const filters = useTemplateFilters(opened).data ?? [];
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);

  const change = (changed: (at: number) => string): void => {
    close();
    onChange(changed(field.current?.selectionStart ?? value.length));
    field.current?.focus();
  };
  const insert = (expression: string): void =>
    expression ? change((at) => inserted(value, at, expression)) : close();

  const button = (
    <Popover opened={opened} onChange={close} withinPortal trapFocus position="bottom-end" width={320}>
      <Popover.Target>
        <Tooltip label={words.insert}>
          <ActionIcon variant="subtle" color="gray" aria-label={words.insertInto(label)} onClick={toggle}>
            {opened ? <IconBracesOff size={18} /> : <IconCodePlus size={18} />}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="xs" c="dimmed">
            {words.hint}
          </Text>
          <TagField value="" withFacts={false} onChange={insert} error={undefined} label={words.tag} />
          <Group gap={4}>
            {Object.entries(extras).map(([expression, meaning]) => (
              <Tooltip key={expression} label={meaning}>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`${expression}: ${meaning}`}
                  onClick={() => insert(expression)}
                >
                  {expression}
                </Button>
              </Tooltip>
            ))}
          </Group>
          {filters.length > 0 && value.includes("}}") ? (
            <Group gap={4} role="group" aria-label={words.filters}>
              <Text size="xs" c="dimmed">
                {words.filters}
              </Text>
              {filters.map(({ name, arguments: given, documentation }) => (
                <Tooltip key={name} label={documentation} multiline maw={300}>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`${name}: ${documentation}`}
                    onClick={() => change((at) => filtered(value, at, filterText(name, given)))}
                  >
                    {filterText(name, given)}
                  </Button>
                </Tooltip>
              ))}
            </Group>
          ) : null}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );

  const common = {
    ...shared,
    ...(hiddenLabel ? { "aria-label": label } : { label }),
    ref: field,
    value,
    spellCheck: false,
    autoComplete: "off",
    rightSection: button,
  };
  return (
    <div>
      {lines === 1 ? (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <Textarea
          {...common}
          autosize
          minRows={lines}
          maxRows={20}
          rightSectionProps={{ style: { alignItems: "flex-start", paddingTop: 4 } }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      <FilledTemplate template={value} kind={kind} />
    </div>
  );
}

/** As a template has it: `pad(width)`. */
function filterText(name: string, given: string[]): string {
  return given.length > 0 ? `${name}(${given.join(", ")})` : name;
}
