// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Group, Input, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { texts } from "../texts";

const words = texts.destinations.editor.pairs;

export interface PairsInputProps {
  label: string;
  description: string | undefined;
  required: boolean;
  error: string | undefined;
  value: unknown;
  onChange: (value: Record<string, string> | undefined) => void;
}

/** Names with a value each, such as the headers of a request. */
export function PairsInput({ label, description, required, error, value, onChange }: PairsInputProps) {
  const pairs = Object.entries(typeof value === "object" && value !== null ? value : {}).map(
    ([name, text]): [string, string] => [name, String(text)],
  );
  const write = (changed: [string, string][]): void =>
    onChange(changed.length > 0 ? Object.fromEntries(changed) : undefined);
  const put = (index: number, pair: [string, string]): void =>
    write(pairs.map((before, other) => (other === index ? pair : before)));
  return (
    <Input.Wrapper
      label={label}
      description={description}
      required={required}
      error={error}
      labelElement="div"
    >
      <Stack gap="xs" mt={4} role="group" aria-label={label}>
        {pairs.map(([name, text], index) => (
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={words.name}
              value={name}
              onChange={(event) => put(index, [event.currentTarget.value, text])}
            />
            <TextInput
              aria-label={words.value}
              value={text}
              flex={1}
              onChange={(event) => put(index, [name, event.currentTarget.value])}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={words.remove}
              onClick={() => write(pairs.filter((_, other) => other !== index))}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="compact-sm"
          variant="light"
          w="fit-content"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={pairs.some(([name]) => name === "")}
          onClick={() => write([...pairs, ["", ""]])}
        >
          {words.add}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
