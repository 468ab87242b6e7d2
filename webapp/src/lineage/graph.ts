// SPDX-License-Identifier: GPL-3.0-or-later
import type { Lineage, LineageStep } from "../api/deliveryDocuments";

/** A resource in the graph, placed by how many steps it is away from the one that is looked at. */
export interface LineageNode {
  id: string;
  /** Steps away: negative for what it was made of, positive for what was made of it. */
  column: number;
  /** Place among those of the same column, from 0. */
  row: number;
}

/** All that was made of one resource and is in one other, by whatever policies. */
export interface LineageEdge {
  source: string;
  result: string;
  steps: LineageStep[];
}

export interface LineageGraph {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** The lineage of a resource as a graph; what was made within one resource is an edge from it to itself. */
export function lineageGraph(
  id: string,
  { sources, results }: Pick<Lineage, "sources" | "results">,
): LineageGraph {
  const columns = new Map([[id, 0]]);
  place(columns, id, results, "source", "result", 1);
  place(columns, id, sources, "result", "source", -1);
  const rows = new Map<number, number>();
  const nodes = [...columns].map(([node, column]) => {
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return { id: node, column, row };
  });
  const edges = new Map<string, LineageEdge>();
  for (const step of new Set([...sources, ...results])) {
    const [source, result] = [step.source.id, step.result.id];
    const edge = edges.get(`${source} ${result}`) ?? { source, result, steps: [] };
    // A step within the resource that is looked at is both what it is made of and what is made of it.
    if (!edge.steps.some((one) => one.delivery === step.delivery)) edge.steps.push(step);
    edges.set(`${source} ${result}`, edge);
  }
  return { nodes, edges: [...edges.values()] };
}

/** Walk in one direction, nearest first, and give each resource its column once. */
function place(
  columns: Map<string, number>,
  start: string,
  steps: LineageStep[],
  near: "source" | "result",
  far: "source" | "result",
  direction: 1 | -1,
): void {
  let ahead = [start];
  for (let column = direction; ahead.length > 0; column += direction) {
    const reached = steps.filter((step) => ahead.includes(step[near].id)).map((step) => step[far].id);
    ahead = [...new Set(reached)].filter((one) => !columns.has(one));
    for (const one of ahead) columns.set(one, column);
  }
}
