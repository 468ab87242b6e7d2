// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Group, Input, NumberInput, Stack } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Rectangle } from "../../../api/actions";
import { useFault } from "../../../editing/faults";
import { texts } from "../../../texts";

const words = texts.actions.redact;
const sides = ["left", "top", "width", "height"] as const;

export interface RectangleRowsProps {
  rectangles: Rectangle[];
  place: string;
  onChange: (rectangles: Rectangle[]) => void;
}

/** Rectangles in pixels of the stored image, one a row. */
export function RectangleRows({ rectangles, place, onChange }: RectangleRowsProps) {
  const fault = useFault(place, true);
  const put = (index: number, side: number, value: number): void =>
    onChange(
      rectangles.map((rectangle, other) =>
        other === index
          ? (rectangle.map((before, at) => (at === side ? value : before)) as Rectangle)
          : rectangle,
      ),
    );
  return (
    <Input.Wrapper
      label={words.rectangles}
      description={words.rectanglesHint}
      error={fault}
      labelElement="div"
      inputWrapperOrder={["label", "description", "error", "input"]}
    >
      <Stack gap="xs" mt={4}>
        {rectangles.map((rectangle, index) => (
          <Group key={index} gap="xs" wrap="wrap" role="group" aria-label={words.rectangle(index + 1)}>
            {sides.map((side, at) => (
              <NumberInput
                key={side}
                w={110}
                aria-label={words.sides[side]}
                prefix={`${words.sides[side]} `}
                allowDecimal={false}
                allowNegative={false}
                hideControls
                value={rectangle[at]}
                onChange={(value) => put(index, at, Number(value))}
              />
            ))}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={words.removeRectangle(index + 1)}
              onClick={() => onChange(rectangles.filter((_, other) => other !== index))}
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
          onClick={() => onChange([...rectangles, [0, 0, 100, 50]])}
        >
          {words.addRectangle}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
