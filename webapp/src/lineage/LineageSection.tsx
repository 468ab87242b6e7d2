// SPDX-License-Identifier: GPL-3.0-or-later
import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { Lineage } from "../api/deliveryDocuments";
import type { Level } from "../api/documents";
import { useLineage } from "../api/studies";
import { Section } from "../layout/Section";
import { texts } from "../texts";
import { lineageGraph } from "./graph";
import { LineageSteps } from "./LineageSteps";

const LineageGraphView = lazy(() => import("./LineageGraphView"));
const words = texts.studies.lineage;

/** What a stored resource was made of, and what was made of it; nothing where neither is so. */
export function LineageSection({ level, id }: { level: Level; id: string }) {
  const lineage = useLineage(level, id).data;
  if (!lineage || lineage.sources.length + lineage.results.length === 0) return null;
  return (
    <Section title={words.title}>
      <Drawn level={level} id={id} lineage={lineage} />
      <LineageSteps title={words.sources} steps={lineage.sources} level={level} end="source" />
      <LineageSteps title={words.results} steps={lineage.results} level={level} end="result" />
      {lineage.complete ? null : <Text size="sm">{words.more}</Text>}
    </Section>
  );
}

function Drawn({ level, id, lineage }: { level: Level; id: string; lineage: Lineage }) {
  const graph = useMemo(() => lineageGraph(id, lineage), [id, lineage]);
  return (
    <Suspense fallback={<Skeleton height={190} />}>
      <LineageGraphView graph={graph} level={level} current={id} />
    </Suspense>
  );
}
