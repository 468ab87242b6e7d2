// SPDX-License-Identifier: GPL-3.0-or-later
import { Table } from "@mantine/core";
import type { Difference } from "../api/history";
import classes from "./DifferenceTable.module.css";
import { placeWords } from "../layout/placeWords";
import { sidesOf } from "./places";

export interface DifferenceTableProps {
  differences: Difference[];
  /** What the two sides are. */
  before: string;
  after: string;
  /** The document's fields in words. */
  fieldNames: Record<string, string>;
}

/** What two documents differ in, side by side. */
export function DifferenceTable({ differences, before, after, fieldNames }: DifferenceTableProps) {
  return (
    <Table layout="fixed" fz="sm" withTableBorder className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{before}</Table.Th>
          <Table.Th>{after}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      {differences.map((difference) => {
        const sides = sidesOf(difference);
        return (
          <Table.Tbody key={`${difference.path} ${difference.change}`}>
            <Table.Tr>
              <Table.Th colSpan={2} scope="rowgroup" className={classes.place}>
                {placeWords(difference.path, fieldNames)}
              </Table.Th>
            </Table.Tr>
            <Table.Tr>
              <Table.Td className={classes.before}>{sides.before}</Table.Td>
              <Table.Td className={classes.after}>{sides.after}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        );
      })}
    </Table>
  );
}
