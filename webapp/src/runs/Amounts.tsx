// SPDX-License-Identifier: GPL-3.0-or-later
import { Paper, SimpleGrid, Text } from "@mantine/core";

export interface Amount {
  label: string;
  value: string;
  color?: string | undefined;
}

/** What a run has come to, in a few numbers. */
export function Amounts({ amounts }: { amounts: Amount[] }) {
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: amounts.length }} component="dl" m={0} spacing="xs">
      {amounts.map(({ label, value, color }) => (
        <Paper key={label} withBorder p="xs">
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} size="lg" fw={650} c={color}>
            {value}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
