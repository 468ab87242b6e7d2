// SPDX-License-Identifier: GPL-3.0-or-later
import { Chip, Group, Input, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { days, type Day, type Window } from "../../api/actions";
import { useFault } from "../../editing/faults";
import { texts } from "../../texts";
import { crossesMidnight, isWholeDay, zones } from "./window";

const words = texts.actions.window;

export interface WindowFieldsProps {
  window: Window;
  place: string;
  onChange: (window: Window) => void;
}

/** Days and hours in which deliveries may be made. */
export function WindowFields({ window, place, onChange }: WindowFieldsProps) {
  const faults = {
    whole: useFault(place),
    days: useFault(`${place}.days`, true),
    from: useFault(`${place}.from`),
    to: useFault(`${place}.to`),
    timezone: useFault(`${place}.timezone`),
  };
  return (
    <Stack gap="sm">
      <Input.Wrapper label={words.days} error={faults.days ?? faults.whole} labelElement="div">
        <Chip.Group
          multiple
          value={window.days}
          onChange={(chosen) => onChange({ ...window, days: days.filter((day) => chosen.includes(day)) })}
        >
          <Group gap={6} mt={4} role="group" aria-label={words.days}>
            {days.map((day: Day) => (
              <Chip key={day} value={day} size="sm">
                {words.names[day]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput
          type="time"
          label={words.from}
          value={window.from}
          onChange={(event) => onChange({ ...window, from: event.currentTarget.value })}
          error={faults.from}
        />
        <TextInput
          type="time"
          label={words.to}
          value={window.to}
          onChange={(event) => onChange({ ...window, to: event.currentTarget.value })}
          error={faults.to}
        />
        <Select
          label={words.timezone}
          placeholder={words.timezonePlaceholder}
          data={zones(window.timezone)}
          value={window.timezone ?? null}
          onChange={(timezone) => onChange({ ...window, timezone })}
          searchable
          clearable
          limit={50}
          nothingFoundMessage={words.noTimezone}
          error={faults.timezone}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {isWholeDay(window) ? words.wholeDay : crossesMidnight(window) ? words.midnight : words.outside}
      </Text>
    </Stack>
  );
}
