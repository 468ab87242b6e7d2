// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Pagination, Text } from "@mantine/core";
import { texts } from "../texts";

const words = texts.common.turning;

export interface PageTurnerProps {
  /** How many items there are in all, and on one page. */
  total: number;
  pageSize: number;
  /** From 1. */
  page: number;
  onChange: (page: number) => void;
}

/** Which of many items are shown, and the way to the others. */
export function PageTurner({ total, pageSize, page, onChange }: PageTurnerProps) {
  const before = (page - 1) * pageSize;
  return (
    <Group justify="space-between" mt="sm">
      <Text size="sm" c="dimmed">
        {words.range(Math.min(before + 1, total), Math.min(before + pageSize, total), total)}
      </Text>
      <Pagination
        size="sm"
        total={Math.ceil(total / pageSize)}
        value={page}
        onChange={onChange}
        hideWithOnePage
        getControlProps={(control) => ({ "aria-label": words.controls[control] })}
        getItemProps={(number) => ({ "aria-label": words.number(number) })}
      />
    </Group>
  );
}
