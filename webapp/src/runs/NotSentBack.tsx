// SPDX-License-Identifier: GPL-3.0-or-later
import { Text } from "@mantine/core";
import { texts } from "../texts";

/** How many images would stay here, because they came from where they would go; nothing where there are none. */
export function NotSentBack({ images = 0 }: { images?: number }) {
  if (images === 0) return null;
  return (
    <Text size="xs" c="dimmed">
      {texts.runs.notSentBack(images)}
    </Text>
  );
}
