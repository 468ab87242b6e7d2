// SPDX-License-Identifier: GPL-3.0-or-later
import "@mantine/dates/styles.css";
import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar } from "@tabler/icons-react";
import { texts } from "../texts";

export interface DateValueProps {
  label: string;
  value: string;
  withTime: boolean;
  onChange: (value: string) => void;
  error: string | undefined;
}

/** A date, typed or chosen, or one relative to the day of arrival. */
export function DateValue({ label, value, withTime, onChange, error }: DateValueProps) {
  const words = texts.rules.values;
  const [opened, { toggle, close }] = useDisclosure();
  const chosen = isoDate(value);
  const choose = (date: string | null): void => {
    if (date) onChange(date);
    close();
  };
  return (
    <Popover opened={opened} onChange={close} withinPortal trapFocus position="bottom-end">
      <Popover.Target>
        <TextInput
          aria-label={label}
          w="100%"
          placeholder={withTime ? words.dateTime : words.date}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
          autoComplete="off"
          rightSection={
            <ActionIcon variant="subtle" color="gray" aria-label={words.openCalendar} onClick={toggle}>
              <IconCalendar size={18} />
            </ActionIcon>
          }
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <DatePicker value={chosen} defaultDate={chosen ?? undefined} onChange={choose} />
          <Text size="xs" c="dimmed">
            {words.relative}
          </Text>
          <Group gap={4} maw={250}>
            {words.relativeChoices.map((choice) => (
              <Button
                key={choice.value}
                size="compact-xs"
                variant="default"
                onClick={() => choose(choice.value)}
              >
                {choice.label}
              </Button>
            ))}
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A whole date as ISO writes it, also from DICOM's form (PS3.5 6.2, DA); null for anything else. */
function isoDate(value: string): string | null {
  const found = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(value);
  return found ? `${found[1] ?? ""}-${found[2] ?? ""}-${found[3] ?? ""}` : null;
}
