// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Select, Text } from "@mantine/core";
import { use } from "react";
import { useDifferences, type Collection, type Difference, type Revision } from "../api/history";
import { NowContext } from "../layout/now";
import { Problem } from "../layout/Problem";
import { Section } from "../layout/Section";
import { relativeTime } from "../layout/times";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { DifferenceTable } from "./DifferenceTable";

const words = texts.history;

export interface ComparisonProps<Document extends Revision> {
  collection: Collection;
  id: string;
  /** Newest first. */
  revisions: Document[];
  from: number;
  to: number;
  onChange: (from: number, to: number) => void;
  fieldNames: Record<string, string>;
  /** More that is worth saying of two revisions. */
  inWords?: ((before: Document, after: Document) => Difference[]) | undefined;
}

/** Two revisions side by side, whichever one chooses. */
export function Comparison<Document extends Revision>({
  collection,
  id,
  revisions,
  from,
  to,
  onChange,
  fieldNames,
  inWords,
}: ComparisonProps<Document>) {
  const now = use(NowContext);
  const found = useDifferences(collection, id, from, to);
  const data = revisions.map(({ revision, updated_at }) => ({
    value: String(revision),
    label: words.choice(revision, relativeTime(updated_at, now)),
  }));
  const document = (revision: number) => revisions.find((one) => one.revision === revision);
  const [before, after] = [document(from), document(to)];
  const differences = [...(before && after ? (inWords?.(before, after) ?? []) : []), ...(found.data ?? [])];
  return (
    <Section title={words.compare}>
      <Group gap="xs" align="flex-end">
        <Select
          label={words.from}
          data={data}
          value={String(from)}
          onChange={(chosen) => onChange(Number(chosen), to)}
          allowDeselect={false}
          w={190}
        />
        <Select
          label={words.to}
          data={data}
          value={String(to)}
          onChange={(chosen) => onChange(from, Number(chosen))}
          allowDeselect={false}
          w={190}
        />
      </Group>
      {from === to ? <Text c="dimmed">{words.sameRevision}</Text> : null}
      {found.isLoading ? <Waiting rows={2} /> : null}
      {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
      {from !== to && found.data && differences.length === 0 ? <Text c="dimmed">{words.same}</Text> : null}
      {from !== to && found.data && differences.length > 0 ? (
        <DifferenceTable
          differences={differences}
          before={words.before(from)}
          after={words.before(to)}
          fieldNames={fieldNames}
        />
      ) : null}
    </Section>
  );
}
