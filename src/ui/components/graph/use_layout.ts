/**
 * Where the nodes of a graph are, placed by a worker; one graph at a time, and the last one that was wanted.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { layOut } from "../../charts/lay_out.ts";
import type { LayeredGraph, Layout } from "../../charts/layered.ts";
import { shapeOf } from "./placing.ts";

/** A layout with what was laid out, which may be the graph before. */
export interface Placed {
  graph: LayeredGraph;
  layout: Layout;
}

/** See the module's comment. */
export function useLayout(graph: LayeredGraph): { placed: Placed | undefined; error: Error | undefined } {
  const [placed, setPlaced] = useState<Placed | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const latest = useRef(graph);
  latest.current = graph;
  const state = useRef({ isBusy: false, isOver: false });
  const shape = shapeOf(graph);

  useEffect(() => () => void (state.current.isOver = true), []);
  useEffect(() => {
    if (state.current.isBusy) return;
    const place = async () => {
      state.current.isBusy = true;
      try {
        let graph: LayeredGraph;
        do {
          graph = latest.current;
          const layout = await layOut(graph);
          if (state.current.isOver) return;
          setPlaced({ graph, layout });
        } while (shapeOf(latest.current) !== shapeOf(graph));
      } catch (error) {
        if (!state.current.isOver) setError(error as Error);
      } finally {
        state.current.isBusy = false;
      }
    };
    void place();
  }, [shape]);
  return { placed, error };
}
