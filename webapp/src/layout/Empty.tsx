// SPDX-License-Identifier: GPL-3.0-or-later
import { Center, Paper, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

export interface EmptyProps {
  icon: Icon;
  title: string;
  text: string;
  children?: ReactNode;
}

/** What a page says while it has nothing to show: what belongs here and the next step. */
export function Empty({ icon: Icon, title, text, children }: EmptyProps) {
  return (
    <Paper withBorder p="xl">
      <Center>
        <Stack align="center" gap="sm" maw={460} ta="center" py="lg">
          <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
            <Icon size={30} />
          </ThemeIcon>
          <Title order={2} size="h3">
            {title}
          </Title>
          <Text c="dimmed">{text}</Text>
          {children}
        </Stack>
      </Center>
    </Paper>
  );
}
