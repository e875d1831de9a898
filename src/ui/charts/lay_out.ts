/**
 * Has a worker place a graph. The library that does it is loaded by the worker alone.
 *
 * @module
 */

import type { LayeredGraph, Layout } from "./layered.ts";

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, (layout: Layout) => void>();

/** Places a graph. @throws when there are no workers, or their script does not come */
export function layOut(graph: LayeredGraph): Promise<Layout> {
  if (graph.nodes.length === 0) return Promise.resolve({ width: 0, height: 0, nodes: {}, edges: [] });
  return new Promise((resolve, reject) => {
    worker ??= started(reject);
    const number = ++last;
    waiting.set(number, resolve);
    worker.postMessage({ number, graph });
  });
}

function started(failed: (error: Error) => void): Worker {
  // The page says where it is, for its name has a hash.
  const script = document.querySelector<HTMLMetaElement>('meta[name="flowctl-layout-worker"]')!.content;
  const made = new Worker(script, { type: "module", name: "flowctl layout" });
  made.addEventListener("message", ({ data }: MessageEvent<{ number: number; layout: Layout }>) => {
    waiting.get(data.number)?.(data.layout);
    waiting.delete(data.number);
  });
  made.addEventListener("error", (event) => {
    worker = undefined;
    waiting.clear();
    failed(new Error(`Cannot place the graph: ${event.message ?? "its worker did not start"}`));
  });
  return made;
}
