/**
 * Has a worker place a graph. The library that does it is loaded by the worker alone.
 *
 * @module
 */

import type { LayeredGraph, Layout } from "./layered.ts";

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, PromiseWithResolvers<Layout>>();

/** Places a graph. @throws when there are no workers, or their script does not come */
export function layOut(graph: LayeredGraph): Promise<Layout> {
  if (graph.nodes.length === 0) return Promise.resolve({ width: 0, height: 0, nodes: {}, edges: [] });
  const settled = withResolvers<Layout>();
  worker ??= started();
  const number = ++last;
  waiting.set(number, settled);
  worker.postMessage({ number, graph });
  return settled.promise;
}

/** `Promise.withResolvers`, which not all browsers have that run these pages. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  const made = {} as PromiseWithResolvers<T>;
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

function started(): Worker {
  // The page says where it is, for its name has a hash.
  const script = document.querySelector<HTMLMetaElement>('meta[name="flowctl-layout-worker"]')!.content;
  const made = new Worker(script, { type: "module", name: "flowctl layout" });
  made.addEventListener("message", ({ data }: MessageEvent<{ number: number; layout: Layout }>) => {
    waiting.get(data.number)?.resolve(data.layout);
    waiting.delete(data.number);
  });
  made.addEventListener("error", (event) => {
    const error = new Error(`Cannot place the graph: ${event.message || "its worker did not start"}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    made.terminate();
    worker = undefined;
  });
  return made;
}
