import {
  Collapse,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { texts } from "../texts";
import { spans, type Choice, type Span } from "./selection";

const words = texts.runs.selection;
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
  const field = (name: keyof Choice, type?: "date") => ({
    label: words.fields[name as keyof typeof words.fields],
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
        <SimpleGrid cols={{ base: 1, xs: 2 }} maw={440}>
          <TextInput {...field("from", "date")} />
          <TextInput {...field("to", "date")} />
        </SimpleGrid>
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
          <TextInput {...field("examinedFrom", "date")} />
          <TextInput {...field("examinedTo", "date")} />
        </SimpleGrid>
      </Collapse>
    </Stack>
  );
}
