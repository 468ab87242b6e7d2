// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Paper, Stack, Title, type PaperProps } from "@mantine/core";
import { useId, type ReactNode } from "react";

export interface SectionProps extends PaperProps {
  title: string;
  /** Beside the title: links, buttons. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, aside, children, ...paper }: SectionProps) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} withBorder p="md" {...paper}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          {aside}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}
