// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { Link } from "react-router";

export function BackLink({ to, label }: { to: string; label: string }) {
  return (
    <Anchor component={Link} to={to} fz="sm" w="fit-content">
      <Group gap={2} wrap="nowrap">
        <IconChevronLeft size={16} aria-hidden />
        {label}
      </Group>
    </Anchor>
  );
}
