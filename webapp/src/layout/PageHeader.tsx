// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { texts } from "../texts";

export interface PageHeaderProps {
  title: string;
  intro?: ReactNode;
  /** What stands before the title, such as the way back. */
  before?: ReactNode;
  children?: ReactNode;
}

/** The head of a page: its title (also the browser's), what it is for, and what one can do. */
export function PageHeader({ title, intro, before, children }: PageHeaderProps) {
  return (
    <Stack gap={4} mb="md">
      <title>{`${title} · ${texts.common.product}`}</title>
      {before}
      <Group justify="space-between" align="flex-end" gap="sm">
        <Stack gap={2} miw={0}>
          <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {intro ? (
            <Text c="dimmed" size="sm" component="div">
              {intro}
            </Text>
          ) : null}
        </Stack>
        {children ? <Group gap="xs">{children}</Group> : null}
      </Group>
    </Stack>
  );
}
