/**
 * Places the nodes of a graph in layers, from left to right, with few crossings. The door to dagre.
 *
 * @module
 */

import { Graph, layout } from "@dagrejs/dagre";

/** What is to be placed. */
export interface LayeredGraph {
  nodes: readonly { id: string; width: number; height: number }[];
  /** Between ids of `nodes`. */
  edges: readonly { from: string; to: string }[];
}

/** A point. */
export type Point = readonly [x: number, y: number];

/** Where everything is, from the upper left corner. */
export interface Layout {
  width: number;
  height: number;
  /** Upper left corners by id. */
  nodes: Record<string, Point>;
  /** Points that each edge goes through, in the order that edges were given in. */
  edges: Point[][];
}

/** Places nodes and edges. Takes some milliseconds for each ten nodes: {@link layOut} of `lay_out.ts` has a worker do it. */
export function layered({ nodes, edges }: LayeredGraph): Layout {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 56, edgesep: 8, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const at = (id: string) => graph.node(id) as { x: number; y: number };
  // It likes to turn things upside down; what was given first is to be above.
  const isTurned = isUpsideDown(nodes.map(({ id }) => at(id)));
  const turned = (y: number) => isTurned ? height - y : y;
  return {
    width,
    height,
    nodes: Object.fromEntries(nodes.map(({ id, width, height }) => {
      const { x, y } = at(id);
      return [id, [x - width / 2, turned(y) - height / 2]];
    })),
    edges: edges.map(({ from, to }) =>
      (graph.edge(from, to) as { points: { x: number; y: number }[] }).points.map(({ x, y }): Point => [x, turned(y)])
    ),
  };
}

/** Whether in most layers what was given later is above. */
function isUpsideDown(points: readonly { x: number; y: number }[]): boolean {
  const last = new Map<number, number>();
  let down = 0;
  for (const { x, y } of points) {
    const before = last.get(x);
    if (before !== undefined) down += Math.sign(y - before);
    last.set(x, y);
  }
  return down < 0;
}
