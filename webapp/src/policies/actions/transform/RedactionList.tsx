// SPDX-License-Identifier: GPL-3.0-or-later
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  Menu,
  Paper,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconBooks, IconPlus, IconTrash } from "@tabler/icons-react";
import type { Redaction, TagValue } from "../../../api/actions";
import { useRedactionLibrary } from "../../../api/transforms";
import { useFault } from "../../../editing/faults";
import { TagRows } from "../../../rules/TagRows";
import { texts } from "../../../texts";
import { DeviceLibrary, IntoLibrary } from "./DeviceLibrary";
import { RectangleRows } from "./RectangleRows";
import type { TransformPartProps } from "./transform";

const words = texts.actions.redact;

/** Areas of the pixels that are made one colour, each for some of the images. */
export function RedactionList({ transform, place, onChange }: TransformPartProps) {
  const redactions = transform.redact ?? [];
  const write = (redact: Redaction[]): void => onChange({ ...transform, redact });
  return (
    <Stack gap="xs">
      <DeviceLibrary transform={transform} onChange={onChange} />
      {redactions.length === 0 && !transform.redact_devices ? (
        <Text size="sm" c="dimmed">
          {words.none}
        </Text>
      ) : null}
      {redactions.map((redaction, index) => (
        <RedactionBox
          key={index}
          redaction={redaction}
          number={index + 1}
          place={`${place}.redact[${index}]`}
          onChange={(changed) => write(redactions.map((one, other) => (other === index ? changed : one)))}
          onRemove={() => write(redactions.filter((_, other) => other !== index))}
        />
      ))}
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => write([...redactions, { when: {}, rectangles: [[0, 0, 100, 50]] }])}
        >
          {words.add}
        </Button>
        <Library onTake={(redaction) => write([...redactions, redaction])} />
      </Group>
    </Stack>
  );
}

/** Redactions that are shipped, or that other policies have under a name, to be taken over. */
function Library({ onTake }: { onTake: (redaction: Redaction) => void }) {
  const entries = useRedactionLibrary().data ?? [];
  if (entries.length === 0) return null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-sm" variant="subtle" leftSection={<IconBooks size={14} aria-hidden />}>
          {words.library}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map(({ redaction, policies }, index) => (
          <Menu.Item key={index} onClick={() => onTake(redaction)}>
            {words.libraryEntry(redaction.name, policies)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface RedactionBoxProps {
  redaction: Redaction;
  number: number;
  place: string;
  onChange: (redaction: Redaction) => void;
  onRemove: () => void;
}

function RedactionBox({ redaction, number, place, onChange, onRemove }: RedactionBoxProps) {
  return (
    <Paper withBorder p="xs" role="group" aria-label={words.title(number)}>
      <Stack gap="sm">
        <TextInput
          label={words.name}
          description={words.nameHint}
          value={redaction.name ?? ""}
          maxLength={100}
          error={useFault(`${place}.name`)}
          onChange={({ currentTarget }) => onChange({ ...redaction, name: currentTarget.value })}
        />
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Input.Wrapper
            label={words.when}
            description={words.whenHint}
            error={useFault(`${place}.when`)}
            labelElement="div"
            inputWrapperOrder={["label", "description", "error", "input"]}
            flex={1}
          >
            <TagRows<TagValue>
              label={words.when}
              add={texts.rules.rows.add}
              place={`${place}.when`}
              values={redaction.when ?? {}}
              blank=""
              onChange={(when) => onChange({ ...redaction, when })}
              field={(tag, value, change) => (
                <TagsInput
                  aria-label={texts.rules.rows.value(tag)}
                  placeholder={words.whenPlaceholder}
                  value={listOf(value)}
                  onChange={(list) => change(list.length === 1 ? (list[0] ?? "") : list)}
                  acceptValueOnBlur
                />
              )}
            />
          </Input.Wrapper>
          <ActionIcon variant="subtle" color="gray" aria-label={words.remove(number)} onClick={onRemove}>
            <IconTrash size={18} />
          </ActionIcon>
        </Group>
        {redaction.rule ? (
          <Text size="sm" c="dimmed">
            {words.rule}
          </Text>
        ) : null}
        <Checkbox
          label={words.outsideRegions}
          description={words.outsideRegionsHint}
          checked={redaction.outside_regions ?? false}
          onChange={({ currentTarget }) => onChange({ ...redaction, outside_regions: currentTarget.checked })}
        />
        <RectangleRows
          rectangles={redaction.rectangles ?? []}
          place={`${place}.rectangles`}
          onChange={(rectangles) => onChange({ ...redaction, rectangles })}
        />
        <IntoLibrary redaction={redaction} />
      </Stack>
    </Paper>
  );
}

/** One of several values is enough. */
function listOf(value: TagValue): string[] {
  return (Array.isArray(value) ? value : [value]).map(String).filter(Boolean);
}
