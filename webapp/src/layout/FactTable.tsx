// SPDX-License-Identifier: GPL-3.0-or-later
import { Table } from "@mantine/core";
import type { ReactNode } from "react";

/** A name and what is known of it. */
export type Fact = [name: string, value: ReactNode];

export interface FactTableProps {
  facts: Fact[];
  /** How much of the width the names take. */
  names: string;
}

/** What is known of one thing, a row each; what is empty is left out. */
export function FactTable({ facts, names }: FactTableProps) {
  return (
    <Table variant="vertical" layout="fixed" fz="sm" withRowBorders={false}>
      <Table.Tbody>
        {facts.map(([name, value]) =>
          value ? (
            <Table.Tr key={name}>
              <Table.Th w={names} bg="transparent" scope="row">
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ) : null,
        )}
      </Table.Tbody>
    </Table>
  );
}
