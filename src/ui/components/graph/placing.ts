/**
 * Where the nodes of a graph are on the screen: placing what has no edges, looking nearer, and going from node to node. Pure.
 *
 * @module
 */

import type { LayeredGraph, Layout, Point } from "../../charts/layered.ts";
import type { DataFlow } from "./model.ts";

/** The size of every node, in pixels. */
export const NODE = { width: 190, height: 50 };
const GAP = 16;

/** The nodes that have edges; what has none needs no layers. */
export function toLayer({ nodes, edges }: DataFlow): LayeredGraph {
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  return {
    nodes: nodes.filter(({ id }) => connected.has(id)).map(({ id }) => ({ id, ...NODE })),
    edges: edges.map(({ from, to }) => ({ from, to })),
  };
}

/** What makes a layout another one: states and counts do not. */
export const shapeOf = ({ nodes, edges }: LayeredGraph): string =>
  [...nodes.map(({ id }) => id), "", ...edges.map(({ from, to }) => `${from}>${to}`)].join("\n");

/** The ids of the nodes that have no edges. */
export function looseOf({ nodes }: DataFlow, graph: LayeredGraph): string[] {
  const layered = new Set(graph.nodes.map(({ id }) => id));
  return nodes.map(({ id }) => id).filter((id) => !layered.has(id));
}

/** Adds the nodes without edges below, in as many columns as fit. @param width How wide it may be, in pixels */
export function withLoose(layout: Layout, loose: readonly string[], width: number): Layout {
  if (loose.length === 0) return layout;
  const columns = Math.max(1, Math.floor((Math.max(width, layout.width) + GAP) / (NODE.width + GAP)));
  const top = layout.height === 0 ? 0 : layout.height + 2 * GAP;
  const nodes = { ...layout.nodes };
  loose.forEach((id, i) => {
    nodes[id] = [(i % columns) * (NODE.width + GAP), top + Math.floor(i / columns) * (NODE.height + GAP)];
  });
  return {
    ...layout,
    nodes,
    width: Math.max(layout.width, Math.min(loose.length, columns) * (NODE.width + GAP) - GAP),
    height: top + Math.ceil(loose.length / columns) * (NODE.height + GAP) - GAP,
  };
}

/** How a graph is looked at: a point p is seen at `p * scale + [x, y]`. */
export interface Look {
  x: number;
  y: number;
  scale: number;
}

/** A size in pixels. */
export interface Size {
  width: number;
  height: number;
}

const [LEAST, MOST] = [0.05, 2];
/** Smaller letters than this can't be read. */
const READABLE = 0.75;
const MARGIN = 16;

/** Everything is seen, in the middle. @param least Not smaller than this; then the beginning is seen. */
export function fitted({ width, height }: Size, sight: Size, least = LEAST): Look {
  const wanted = Math.min((sight.width - 2 * MARGIN) / (width || 1), (sight.height - 2 * MARGIN) / (height || 1), 1);
  const scale = Math.max(least, LEAST, wanted);
  const middle = (inside: number, outside: number) => Math.max(MARGIN, (outside - inside * scale) / 2);
  return { scale, x: middle(width, sight.width), y: middle(height, sight.height) };
}

/** How a graph is looked at first. */
export const firstLook = (size: Size, sight: Size): Look => fitted(size, sight, READABLE);

/** Nearer (factor above 1) or farther, around a point of the screen that stays where it is. */
export function nearer({ x, y, scale }: Look, factor: number, [px, py]: Point): Look {
  const next = Math.max(LEAST, Math.min(MOST, scale * factor));
  const by = next / scale;
  return { scale: next, x: px - (px - x) * by, y: py - (py - y) * by };
}

/** Moved as little as needed so that a node is seen. */
export function shown(look: Look, [left, top]: Point, sight: Size): Look {
  const move = (at: number, length: number, most: number) =>
    at < MARGIN ? MARGIN - at : at + length > most - MARGIN ? most - MARGIN - at - length : 0;
  return {
    ...look,
    x: look.x + move(left * look.scale + look.x, NODE.width * look.scale, sight.width),
    y: look.y + move(top * look.scale + look.y, NODE.height * look.scale, sight.height),
  };
}

/** Whether a box is in sight, or nearly. */
export function inSight(look: Look, sight: Size, [left, top]: Point, [right, bottom]: Point): boolean {
  const beyond = 100;
  return right * look.scale + look.x > -beyond && left * look.scale + look.x < sight.width + beyond &&
    bottom * look.scale + look.y > -beyond && top * look.scale + look.y < sight.height + beyond;
}

/** The node that an arrow key leads to: along edges to the left and right, else among what is above and below. */
export function neighbour(id: string, key: string, layout: Layout, flow: DataFlow): string | undefined {
  const [x, y] = layout.nodes[id];
  const nearest = (ids: Iterable<string>) => {
    let best: [string, number] | undefined;
    for (const other of ids) {
      const [ox, oy] = layout.nodes[other];
      const far = Math.abs(oy - y) + Math.abs(ox - x);
      if (other !== id && (best === undefined || far < best[1])) best = [other, far];
    }
    return best?.[0];
  };
  const side = (sign: number) =>
    flow.nodes.map((node) => node.id).filter((other) =>
      layout.nodes[other] !== undefined && sign * (layout.nodes[other][0] - x) > 1
    );
  const column = (sign: number) =>
    flow.nodes.map((node) => node.id).filter((other) => {
      const at = layout.nodes[other];
      return at !== undefined && Math.abs(at[0] - x) < NODE.width / 2 && sign * (at[1] - y) > 1;
    });
  switch (key) {
    case "ArrowRight":
      return nearest(flow.edges.filter(({ from }) => from === id).map(({ to }) => to)) ?? nearest(side(1));
    case "ArrowLeft":
      return nearest(flow.edges.filter(({ to }) => to === id).map(({ from }) => from)) ?? nearest(side(-1));
    case "ArrowDown":
      return nearest(column(1));
    case "ArrowUp":
      return nearest(column(-1));
    default:
      return undefined;
  }
}

/** An edge as a path through its points, rounded. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${first[0]} ${first[1]}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [[x, y], [nx, ny]] = [rest[i], rest[i + 1]];
    const [ex, ey] = i === rest.length - 2 ? [nx, ny] : [(x + nx) / 2, (y + ny) / 2];
    path += `Q${x} ${y} ${ex} ${ey}`;
  }
  if (rest.length === 1) path += `L${rest[0][0]} ${rest[0][1]}`;
  return path;
}
