// SPDX-License-Identifier: GPL-3.0-or-later
import {
  Collapse,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { useSuggestions } from "../rules/useSuggestions";
import { texts } from "../texts";
import { spans, type Choice, type Span } from "./selection";

const words = texts.runs.selection;
/** What of a choice is written as a text. */
type TextField = Exclude<keyof Choice, "span" | "modalities">;
const choices = [...Object.keys(spans), "between"] as Span[];

/** Which stored images are meant: when they came in, and whose they are. */
export function SelectionFields({
  choice,
  onChange,
}: {
  choice: Choice;
  onChange: (choice: Choice) => void;
}) {
  const [narrowed, { toggle }] = useDisclosure();
  const id = useId();
  const Chevron = narrowed ? IconChevronDown : IconChevronRight;
  const modalities = useSuggestions(narrowed ? "Modality" : "");
  const field = (name: TextField, type?: "date" | "time") => ({
    label: words.fields[name],
    value: choice[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...choice, [name]: event.currentTarget.value }),
    ...(type ? { type } : { autoComplete: "off", spellCheck: false }),
  });
  return (
    <Stack gap="xs">
      <SegmentedControl
        w="fit-content"
        maw="100%"
        aria-label={words.received}
        data={choices.map((span) => ({ value: span, label: words.spans[span] }))}
        value={choice.span}
        onChange={(span) => onChange({ ...choice, span })}
        styles={{ root: { flexWrap: "wrap" } }}
      />
      {choice.span === "between" ? (
        <div>
          <Group gap="xl" align="flex-end">
            <Group gap="xs" wrap="nowrap">
              <TextInput {...field("from", "date")} />
              <TextInput {...field("fromTime", "time")} aria-label={words.timeFrom} />
            </Group>
            <Group gap="xs" wrap="nowrap">
              <TextInput {...field("to", "date")} />
              <TextInput {...field("toTime", "time")} aria-label={words.timeTo} />
            </Group>
          </Group>
          <Text size="xs" c="dimmed" mt={4}>
            {words.times}
          </Text>
        </div>
      ) : null}
      <UnstyledButton onClick={toggle} aria-expanded={narrowed} aria-controls={id} fz="sm" w="fit-content">
        <Group gap={4} wrap="nowrap">
          <Chevron size={16} aria-hidden />
          {words.narrow}
        </Group>
      </UnstyledButton>
      <Collapse expanded={narrowed} id={id}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          <TextInput {...field("patient")} description={words.wildcards} />
          <TextInput {...field("accession")} description={words.wildcards} />
          <TextInput {...field("description")} />
          <TagsInput
            label={words.fields.modalities}
            description={words.modalities}
            data={modalities}
            value={choice.modalities}
            onChange={(chosen) => onChange({ ...choice, modalities: chosen.map((one) => one.toUpperCase()) })}
          />
          <TextInput {...field("examinedFrom", "date")} />
          <TextInput {...field("examinedTo", "date")} />
        </SimpleGrid>
      </Collapse>
    </Stack>
  );
}
