/**
 * The event stream: what was committed, told to browsers as server-sent events. Ours.
 *
 * A stream tells that something changed and not what it became: who hears of it asks for what it shows. So a slow reader costs
 * nothing (the same thing changed twice waits once), and one that was away for a while asks for all it shows instead of catching up.
 *
 * @module
 */

import { type Change, changeKey } from "../domain/changes.ts";
import type { Store } from "../store/database.ts";
import type { Clock } from "../support/clock.ts";
import { type Route, route } from "./route.ts";

/** Changes are gathered for so long, in milliseconds. */
export const GATHER_MS = 50;
/** A line is sent at least this often, in milliseconds, so that both ends notice when the other is gone. */
export const BEAT_MS = 15_000;
/** More different changes than this are told as one `elsewhere`. */
export const MOST_WAITING = 1_000;

/**
 * The text of the stream.
 *
 * @param over Ends it.
 */
export function eventStream(
  { store, clock, over }: { store: Pick<Store, "changes">; clock: Clock; over: AbortSignal },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ended = new AbortController();
  const end = () => ended.abort();
  let waiting = new Map<string, Change>();
  let wake = new AbortController();
  let unsubscribe = () => {};
  const finish = () => {
    unsubscribe();
    over.removeEventListener("abort", end);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      over.addEventListener("abort", end, { once: true });
      if (over.aborted) end();
      unsubscribe = store.changes.subscribe((change) => {
        if (waiting.size >= MOST_WAITING) waiting = new Map([["elsewhere", { kind: "elsewhere" }]]);
        else if (!waiting.has("elsewhere")) waiting.set(changeKey(change), change);
        wake.abort();
      });
      controller.enqueue(encoder.encode("retry: 1000\nevent: hello\ndata: {}\n\n"));
    },
    async pull(controller) {
      if (waiting.size === 0) {
        wake = new AbortController();
        await clock.sleep(BEAT_MS, AbortSignal.any([wake.signal, ended.signal]));
      }
      if (waiting.size > 0 && !ended.signal.aborted) await clock.sleep(GATHER_MS, ended.signal);
      if (ended.signal.aborted) {
        finish();
        controller.close();
        return;
      }
      const changes = [...waiting.values()];
      waiting = new Map();
      const text = changes.length === 0
        ? "event: beat\ndata: {}\n\n"
        : `event: changes\ndata: ${JSON.stringify(changes)}\n\n`;
      controller.enqueue(encoder.encode(text));
    },
    cancel() {
      end();
      finish();
    },
  }, { highWaterMark: 1 });
}

/** See the module's comment. */
export const eventRoutes: Route[] = [
  route({
    method: "GET",
    path: "/events",
    tag: "Events",
    summary: "Hear of every change",
    about: `Ours. Server-sent events: \`hello\` at the beginning, then \`changes\`, each a list like
\`[{"kind":"flow_run","id":"…","state":"RUNNING"}]\`. Kinds are \`flow_run\`, \`task_run\`, \`logs\`, \`deployment\`, \`flow\`, \`agent\`,
\`token\`, \`project\`, \`secret\`; \`elsewhere\` means that anything may have changed. Nothing is repeated for who was away. A \`beat\` comes when nothing
else did for 15 s.`,
    answers: { 200: "text/event-stream" },
    handle: ({ api, signal }) =>
      new Response(eventStream({ store: api.store, clock: api.clock, over: AbortSignal.any([signal, api.drain]) }), {
        headers: {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          // Proxies would gather what must go out at once.
          "x-accel-buffering": "no",
        },
      }),
  }),
];
