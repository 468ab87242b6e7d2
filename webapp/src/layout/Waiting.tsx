// SPDX-License-Identifier: GPL-3.0-or-later
import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import { texts } from "../texts";

/** The shape of what is being loaded. */
export function Waiting({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="xs" role="status">
      <VisuallyHidden>{texts.common.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  );
}
