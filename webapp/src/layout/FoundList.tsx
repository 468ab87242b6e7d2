// SPDX-License-Identifier: GPL-3.0-or-later
import { Paper, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { List } from "../api/documents";
import { PageTurner } from "./PageTurner";
import { Problem } from "./Problem";
import { Waiting } from "./Waiting";

const staleLook = { opacity: 0.45 };

export interface FoundListProps<Item> {
  found: UseQueryResult<List<Item>>;
  filters: ReactNode;
  nothingFound: string;
  pageSize: number;
  page: number;
  onPage: (page: number) => void;
  /** Draws what is on this page. */
  children: (items: Item[]) => ReactNode;
}

/** What filters find, page by page. */
export function FoundList<Item>(props: FoundListProps<Item>) {
  const { found, filters, nothingFound, pageSize, page, onPage, children } = props;
  const { data } = found;
  return (
    <Paper withBorder p="sm">
      {filters}
      {found.isPending ? <Waiting rows={8} height={40} /> : null}
      {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
      {data?.total === 0 && !found.isPlaceholderData ? (
        <Text c="dimmed" py="lg" ta="center" role="status">
          {nothingFound}
        </Text>
      ) : null}
      {data && data.total > 0 ? (
        // What another filter has found is shown until the answer comes, and looks like it.
        <div aria-busy={found.isPlaceholderData} style={found.isPlaceholderData ? staleLook : undefined}>
          {children(data.items)}
          <PageTurner total={data.total} pageSize={pageSize} page={page} onChange={onPage} />
        </div>
      ) : null}
    </Paper>
  );
}
