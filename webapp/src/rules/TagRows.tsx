// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useFault } from "../editing/faults";
import { texts } from "../texts";
import { TagField } from "./TagField";
import classes from "./TagRows.module.css";
import { withoutTag, withTag } from "./tagValues";

const words = texts.rules.rows;

export interface TagRowsProps<Value> {
  /** What the rows are, for those who do not see them. */
  label: string;
  add: string;
  /** Where the tags stand in the document, for their faults. */
  place: string;
  values: Record<string, Value>;
  /** What a new row begins with. */
  blank: Value;
  withFacts?: boolean;
  onChange: (values: Record<string, Value>) => void;
  /** The field in which a tag's value is typed. */
  field: (tag: string, value: Value, onChange: (value: Value) => void) => ReactNode;
}

/** Tags with a value each, one a row. */
export function TagRows<Value>({
  label,
  add,
  place,
  values,
  blank,
  withFacts = false,
  onChange,
  field,
}: TagRowsProps<Value>) {
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      {Object.entries(values).map(([tag, value], index) => (
        <Row
          key={index}
          tag={tag}
          place={place}
          withFacts={withFacts}
          onRename={(chosen) => {
            const changed = withTag(values, tag, chosen);
            if (changed) onChange(changed);
            return changed !== null;
          }}
          onRemove={() => onChange(withoutTag(values, tag))}
        >
          {field(tag, value, (changed) => onChange({ ...values, [tag]: changed }))}
        </Row>
      ))}
      <Button
        size="compact-sm"
        variant="light"
        w="fit-content"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={"" in values}
        onClick={() => onChange({ ...values, "": blank })}
      >
        {add}
      </Button>
    </Stack>
  );
}

interface RowProps {
  tag: string;
  place: string;
  withFacts: boolean;
  /** Answers whether the row could have this tag. */
  onRename: (tag: string) => boolean;
  onRemove: () => void;
  children: ReactNode;
}

function Row({ tag, place, withFacts, onRename, onRemove, children }: RowProps) {
  const [taken, setTaken] = useState<string | null>(null);
  const fault = useFault(`${place}.${tag}`, true);
  return (
    <div>
      <div className={classes.row}>
        <TagField
          value={tag}
          withFacts={withFacts}
          onChange={(chosen) => setTaken(onRename(chosen) ? null : chosen)}
          error={taken === null ? undefined : words.taken(taken)}
        />
        <div>{children}</div>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words.remove(tag)} onClick={onRemove}>
          <IconTrash size={18} />
        </ActionIcon>
      </div>
      {fault ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {fault}
        </Text>
      ) : null}
    </div>
  );
}
