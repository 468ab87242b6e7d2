// SPDX-License-Identifier: GPL-3.0-or-later
import "@xyflow/react/dist/style.css";
import { Text, useComputedColorScheme, useMatches } from "@mantine/core";
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from "@xyflow/react";
import { useMemo } from "react";
import type { Level } from "../api/documents";
import { texts } from "../texts";
import type { LineageEdge, LineageGraph, LineageNode } from "./graph";
import classes from "./LineageGraphView.module.css";
import { ResourceLink } from "../studies/ResourceLink";

const words = texts.studies.lineage;
const width = 240;
/** From one resource to the next, along the steps and across them; a small screen has the steps go down. */
const distances = { along: { right: width + 260, down: 150 }, across: { right: 96, down: width + 30 } };

type Direction = "right" | "down";
type ResourceNode = Node<
  { level: Level; current: boolean; within: number; direction: Direction },
  "resource"
>;

export interface LineageGraphViewProps {
  graph: LineageGraph;
  level: Level;
  /** The resource that is looked at. */
  current: string;
}

/** A lineage as a picture that can be moved and zoomed; in a part of its own, as React Flow is large. */
export default function LineageGraphView({ graph, level, current }: LineageGraphViewProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const direction = useMatches<Direction>({ base: "down", sm: "right" });
  const nodes = useMemo(
    () => graph.nodes.map((node) => nodeOf(node, graph, level, current, direction)),
    [graph, level, current, direction],
  );
  const edges = useMemo(
    () => graph.edges.filter(({ source, result }) => source !== result).map(edgeOf),
    [graph],
  );
  const places = graph.nodes.map(({ column, row }) => (direction === "right" ? row : column));
  const rows = Math.max(...places) - Math.min(...places) + 1;
  return (
    <div
      style={{
        height: Math.min(520, 90 + rows * distances[direction === "right" ? "across" : "along"][direction]),
      }}
      className={classes.graph}
    >
      <ReactFlow
        key={direction}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={{ maxZoom: 1 }}
        minZoom={0.2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        ariaLabelConfig={words.controls}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function nodeOf(
  { id, column, row }: LineageNode,
  graph: LineageGraph,
  level: Level,
  current: string,
  direction: Direction,
): ResourceNode {
  const along = column * distances.along[direction];
  const across = row * distances.across[direction];
  const within = graph.edges.find(({ source, result }) => source === id && result === id);
  return {
    id,
    type: "resource",
    position: direction === "right" ? { x: along, y: across } : { x: across, y: along },
    data: { level, current: id === current, within: within?.steps.length ?? 0, direction },
    width,
  };
}

function edgeOf({ source, result, steps }: LineageEdge): Edge {
  const policies = [...new Set(steps.map(({ policy }) => policy.name))];
  const images = steps.reduce((sum, { instances }) => sum + instances, 0);
  return {
    id: `${source} ${result}`,
    source,
    target: result,
    label: words.edge(policies.join(", "), texts.deliveries.images(images)),
    markerEnd: { type: MarkerType.ArrowClosed },
    labelBgPadding: [6, 3],
    labelBgBorderRadius: 6,
  };
}

function ResourceBox({ id, data }: NodeProps<ResourceNode>) {
  return (
    <div className={classes.node} data-current={data.current || undefined}>
      <Handle
        type="target"
        position={data.direction === "right" ? Position.Left : Position.Top}
        className={classes.handle}
      />
      <Text size="sm" component="div" lineClamp={2}>
        <ResourceLink level={data.level} id={id} />
      </Text>
      {data.current || data.within > 0 ? (
        <Text size="xs" c="dimmed">
          {[data.current ? words.current[data.level] : "", data.within > 0 ? words.within(data.within) : ""]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      ) : null}
      <Handle
        type="source"
        position={data.direction === "right" ? Position.Right : Position.Bottom}
        className={classes.handle}
      />
    </div>
  );
}

const nodeTypes = { resource: ResourceBox };
