/**
 * A placed graph: moved by dragging, looked at nearer, walked through by arrow keys. Only what is in sight is in the document.
 *
 * @module
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LayeredGraph } from "../../charts/layered.ts";
import { Button } from "../controls.tsx";
import { type DataFlow, related } from "./model.ts";
import { Node } from "./node.tsx";
import {
  firstLook,
  fitted,
  inSight,
  type Look,
  looseOf,
  nearer,
  neighbour,
  NODE,
  pathOf,
  shown,
  type Size,
  withLoose,
} from "./placing.ts";
import { useHands } from "./use_hands.ts";
import type { Placed } from "./use_layout.ts";

/** What the buttons take at the bottom, in pixels. */
const BUTTONS = 40;

/** See the module's comment. @param graph What is to be placed now; nodes that came since `placed` have no place yet. */
export function Picture({ flow, graph, placed: { layout, graph: drawn }, present, onUnfold }: {
  flow: DataFlow;
  graph: LayeredGraph;
  placed: Placed;
  present: number;
  onUnfold: (taskKey: string) => void;
}) {
  const ground = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<Size | undefined>(undefined);
  const [look, setLook] = useState<Look | undefined>(undefined);
  const [active, setActive] = useState<string | undefined>(undefined);
  const [hovered, setHovered] = useState<string | undefined>(undefined);
  const wanted = useRef<string | undefined>(undefined);

  useEffect(() => {
    const element = ground.current!;
    const measure = () => setSight({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const all = useMemo(() => withLoose(layout, looseOf(flow, graph), sight?.width ?? 800), [layout, flow, sight?.width]);
  const results = useMemo(() => new Map(flow.edges.map((edge) => [`${edge.from}\n${edge.to}`, edge.results])), [flow]);
  const seen = sight ?? { width: 800, height: 400 };
  // Until a hand has moved it, it is looked at as a whole, also while it grows.
  // The buttons in its corner hide nothing then.
  const free = { width: seen.width, height: seen.height - BUTTONS };
  const eye = look ?? firstLook(all, free);
  const isDrag = useHands(ground, eye, setLook);

  const told = [hovered, active].find((id) => flow.nodes.some((node) => node.id === id));
  const lit = useMemo(() => told === undefined ? undefined : related(told, flow.edges), [told, flow.edges]);
  const places = all.nodes;
  const nodes = flow.nodes.filter(({ id }) => {
    const at = places[id];
    return at !== undefined && inSight(eye, seen, at, [at[0] + NODE.width, at[1] + NODE.height]);
  });
  const tabbed = active !== undefined && places[active] !== undefined ? active : nodes[0]?.id;

  useEffect(() => {
    if (wanted.current === undefined) return;
    const element = ground.current!.querySelector<HTMLElement>(`[data-node="${CSS.escape(wanted.current)}"]`);
    if (element === null) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const middle = [seen.width / 2, seen.height / 2] as const;
    if (event.key === "+" || event.key === "=") setLook(nearer(eye, 1.3, middle));
    else if (event.key === "-") setLook(nearer(eye, 1 / 1.3, middle));
    else if (event.key === "0") setLook(fitted(all, free));
    else {
      const next = tabbed === undefined ? undefined : neighbour(tabbed, event.key, all, flow);
      if (next === undefined) return;
      wanted.current = next;
      setActive(next);
      setLook(shown(eye, places[next], seen));
    }
    event.preventDefault();
  };

  return (
    <div class="graph-frame">
      <div class="graph-buttons" role="group" aria-label="Zoom">
        <Button title="Farther" onClick={() => setLook(nearer(eye, 1 / 1.3, [seen.width / 2, seen.height / 2]))}>
          −
        </Button>
        <Button title="Nearer" onClick={() => setLook(nearer(eye, 1.3, [seen.width / 2, seen.height / 2]))}>+</Button>
        <Button onClick={() => setLook(fitted(all, free))}>Fit</Button>
      </div>
      <div
        class="graph-ground"
        ref={ground}
        role="group"
        aria-label="Graph of the data flow: arrow keys go from task to task"
        style={{
          height: `${Math.max(160, Math.min(560, Math.ceil(all.height * eyeScale(all, seen)) + 36 + BUTTONS))}px`,
        }}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (!ground.current!.contains(event.relatedTarget as globalThis.Node | null)) setActive(undefined);
        }}
      >
        <div
          class="graph-canvas"
          style={{ transform: `translate(${eye.x}px, ${eye.y}px) scale(${eye.scale})` }}
        >
          <svg class="graph-edges" width="1" height="1" aria-hidden="true">
            <defs>
              <marker
                id="graph-arrow"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="9"
                markerHeight="9"
                markerUnits="userSpaceOnUse"
                orient="auto"
              >
                <path d="M0 0L8 4L0 8Z" />
              </marker>
            </defs>
            {layout.edges.map((points, i) => {
              const edge = drawn.edges[i];
              const thick = results.get(`${edge.from}\n${edge.to}`);
              // Gone since it was placed.
              if (thick === undefined) return null;
              const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
              const isSeen = inSight(eye, seen, [Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]);
              if (!isSeen) return null;
              const isLit = lit?.has(edge.from) && lit.has(edge.to);
              return (
                <path
                  key={`${edge.from} ${edge.to}`}
                  class={`graph-edge${lit === undefined ? "" : isLit ? " graph-lit" : " graph-dim"}`}
                  d={pathOf(points)}
                  marker-end="url(#graph-arrow)"
                  style={{ strokeWidth: `${Math.min(6, 1.25 + Math.log10(thick))}px` }}
                />
              );
            })}
          </svg>
          {nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              at={places[node.id]}
              isActive={node.id === tabbed}
              isDim={lit !== undefined && !lit.has(node.id)}
              present={present}
              onUnfold={onUnfold}
              onFocus={() => setActive(node.id)}
              onHover={(isHovered) => setHovered(isHovered ? node.id : undefined)}
              isDrag={isDrag}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The scale that decides how high the ground is: that of the first look, for a ground that grows while one looks nearer is restless. */
const eyeScale = (all: Size, seen: Size) => firstLook(all, { width: seen.width, height: 560 }).scale;
