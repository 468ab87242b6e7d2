// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Badge, Button, Group, Input, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useFault } from "../editing/faults";
import { texts } from "../texts";
import { TagField } from "./TagField";

const words = texts.rules.rows;

export interface TagListProps {
  label: string;
  description?: string;
  /** Where the list stands in the document, for its faults. */
  place: string;
  tags: string[];
  onChange: (tags: string[]) => void;
}

/** A list of tags without values. */
export function TagList({ label, description, place, tags, onChange }: TagListProps) {
  const [adding, setAdding] = useState(false);
  const fault = useFault(place, true);
  const add = (tag: string): void => {
    setAdding(false);
    if (tag && !tags.includes(tag)) onChange([...tags, tag]);
  };
  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={fault}
      labelElement="div"
      inputWrapperOrder={["label", "description", "error", "input"]}
    >
      <Group gap="xs" my={4} role="group" aria-label={label}>
        {tags.map((tag) => (
          <Badge
            key={tag}
            variant="default"
            size="lg"
            tt="none"
            rightSection={
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-label={words.remove(tag)}
                onClick={() => onChange(tags.filter((other) => other !== tag))}
              >
                <IconX size={14} />
              </ActionIcon>
            }
          >
            <Text size="sm" fw={400} style={{ overflowWrap: "anywhere" }}>
              {tag}
            </Text>
          </Badge>
        ))}
        {adding ? (
          <TagField value="" withFacts={false} onChange={add} error={undefined} />
        ) : (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconPlus size={14} aria-hidden />}
            aria-label={words.addTo(label)}
            onClick={() => setAdding(true)}
          >
            {words.add}
          </Button>
        )}
      </Group>
    </Input.Wrapper>
  );
}
