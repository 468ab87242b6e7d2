// SPDX-License-Identifier: GPL-3.0-or-later
import { Text } from "@mantine/core";

/** Says in the place of a value that there is none. */
export function Absent({ text }: { text: string }) {
  return (
    <Text span size="sm" c="dimmed" fs="italic">
      {text}
    </Text>
  );
}
