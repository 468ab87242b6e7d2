// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Text } from "@mantine/core";
import { texts } from "../texts";

const words = texts.destinations.editor.secret;

export interface SecretStateProps {
  title: string;
  /** What the draft says of it: absent keeps what is stored, null removes it, anything else replaces it. */
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Of a secret that is stored: whether it stays, goes, or is replaced. */
export function SecretState({ title, value, onChange }: SecretStateProps) {
  const removed = value === null;
  const kept = value === undefined;
  return (
    <Group gap="xs" mt={4}>
      <Text size="xs" c={removed ? "var(--mantine-color-error)" : "dimmed"}>
        {removed ? words.removed : kept ? words.kept : words.replaced}
      </Text>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={removed || !kept ? words.keepLabel(title) : words.removeLabel(title)}
        onClick={() => onChange(kept ? null : undefined)}
      >
        {kept ? words.remove : words.keep}
      </Button>
    </Group>
  );
}
