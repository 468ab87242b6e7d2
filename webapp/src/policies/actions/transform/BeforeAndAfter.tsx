// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Image, NumberInput, Stack, Switch, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { use, useState } from "react";
import type { Transform } from "../../../api/actions";
import { ApiError } from "../../../api/client";
import { useTransformTrial, type ComparedTag, type TransformTrial } from "../../../api/transforms";
import { Absent } from "../../../layout/Absent";
import { problemWords } from "../../../layout/problemWords";
import { texts } from "../../../texts";
import { SampleContext } from "../sample";

const words = texts.actions.transform.trial;

export interface BeforeAndAfterProps {
  transform: Transform;
  stores: boolean;
  destination: string;
}

/** An image of the chosen study before and after the transform, as it is being written; nothing is sent. */
export function BeforeAndAfter(props: BeforeAndAfterProps) {
  const [open, setOpen] = useState(false);
  if (!use(SampleContext)) {
    return (
      <Text size="sm" c="dimmed">
        {words.choose}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Button variant="default" size="xs" w="fit-content" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? words.hide : words.show}
      </Button>
      {open ? <Trial {...props} /> : null}
    </Stack>
  );
}

function Trial({ transform, stores, destination }: BeforeAndAfterProps) {
  const [position, setPosition] = useState<number | null>(null);
  const [asked] = useDebouncedValue(transform, 400);
  const { data, error } = useTransformTrial(asked, use(SampleContext), {
    stored: stores,
    destination,
    position,
  });
  if (error) {
    return (
      <Text size="sm" c="var(--mantine-color-error)" role="status">
        {error instanceof ApiError && error.faults.length > 0
          ? error.faults.map(({ message }) => message).join(" · ")
          : problemWords(error).text}
      </Text>
    );
  }
  if (!data) return null;
  return (
    <Stack gap="xs" role="region" aria-label={words.show}>
      <NumberInput
        label={words.image(data.images)}
        w={{ base: "100%", xs: 200 }}
        min={1}
        max={data.images}
        allowDecimal={false}
        value={data.position + 1}
        onChange={(number) => setPosition(Math.max(Number(number) - 1, 0))}
      />
      {data.problem ? (
        <Text size="sm" c="var(--mantine-color-error)" role="status">
          {data.problem}
        </Text>
      ) : (
        <>
          <Pictures pixels={data.pixels} />
          {data.remarks.map((remark) => (
            <Text key={remark} size="sm">
              {remark}
            </Text>
          ))}
          <Tags tags={data.tags} />
        </>
      )}
    </Stack>
  );
}

function Pictures({ pixels }: { pixels: TransformTrial["pixels"] }) {
  return (
    <Group align="flex-start" wrap="wrap">
      {(["before", "after"] as const).map((side) => (
        <Stack key={side} gap={2} component="figure" m={0}>
          <Text component="figcaption" size="xs" c="dimmed">
            {words[side]}
          </Text>
          {pixels[side] ? (
            <Image
              src={`data:image/png;base64,${pixels[side]}`}
              alt={words.picture[side]}
              w={256}
              fit="contain"
            />
          ) : (
            <Text size="sm" c="dimmed" fs="italic">
              {words.noPicture}
            </Text>
          )}
        </Stack>
      ))}
    </Group>
  );
}

function Tags({ tags }: { tags: ComparedTag[] }) {
  const [all, setAll] = useState(false);
  const changed = tags.filter((tag) => tag.changed);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm">{words.changed(changed.length, tags.length)}</Text>
        <Switch
          label={words.showAll}
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      </Group>
      <Table.ScrollContainer minWidth={0} mah={480}>
        <Table verticalSpacing={2} fz="sm" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.tag}</Table.Th>
              <Table.Th>{words.before}</Table.Th>
              <Table.Th>{words.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(all ? tags : changed).map((tag) => (
              <TagRow key={tag.tag} {...tag} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function TagRow({ tag, name, before, after, changed }: ComparedTag) {
  return (
    <Table.Tr
      style={{ overflowWrap: "anywhere" }}
      bg={changed ? "var(--mantine-color-yellow-light)" : undefined}
    >
      <Table.Td title={tag}>{name || tag}</Table.Td>
      <Table.Td>{before ?? <Absent text={words.absent} />}</Table.Td>
      <Table.Td>
        {changed ? (
          <mark style={{ background: "none", color: "inherit" }}>{after ?? words.removed}</mark>
        ) : (
          after
        )}
      </Table.Td>
    </Table.Tr>
  );
}
