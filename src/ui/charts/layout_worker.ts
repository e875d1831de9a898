/**
 * A worker that places graphs, so that a page goes on meanwhile.
 *
 * @module
 */

import { layered, type LayeredGraph } from "./layered.ts";

addEventListener("message", ({ data }: MessageEvent<{ number: number; graph: LayeredGraph }>) => {
  postMessage({ number: data.number, layout: layered(data.graph) });
});
