/**
 * What this page hears of changes: through the worker that all pages share, or by a stream of its own where there is none.
 *
 * @module
 */

import { signal } from "@preact/signals";
import type { Change } from "../../domain/changes.ts";
import { openStream, type StreamMessage } from "./open_stream.ts";

/** Whether the server is heard. Begins as `open`: a page that has just come has an answer. */
export const connection = signal<"open" | "lost" | "signed_out">("open");

const listeners = new Set<(changes: readonly Change[]) => void>();
let retryStream = () => {};
let wasLost = false;

/** Hears of changes until the returned function is called. After a loss of the connection it hears `elsewhere`. */
export function onChanges(listener: (changes: readonly Change[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tries at once to reach the server. */
export const retry = (): void => retryStream();

/** Hears of an answer that wants somebody to sign in: asks the stream, too, which is open again when somebody has. */
export function noteSignedOut(): void {
  if (connection.value === "signed_out") return;
  hear({ kind: "signed_out" });
  retryStream();
}

/** Begins to listen, once. */
export function listen(): void {
  const worker = document.querySelector<HTMLMetaElement>('meta[name="flowctl-worker"]')?.content;
  if (worker !== undefined && "SharedWorker" in globalThis) {
    const shared = new SharedWorker(worker, { type: "module", name: "flowctl" });
    const { port } = shared;
    shared.addEventListener("error", () => retryStream = openStream(hear).retry);
    port.addEventListener("message", ({ data }) => hear(data));
    port.start();
    addEventListener("pagehide", () => port.postMessage("bye"));
    // A page that comes back out of the browser's memory was told nothing meanwhile.
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    retryStream = () => port.postMessage("retry");
  } else {
    retryStream = openStream(hear).retry;
  }
}

function hear(message: StreamMessage): void {
  if (message.kind === "changes") return tell(message.changes);
  connection.value = message.kind;
  if (message.kind !== "open") wasLost = true;
  if (message.kind === "open" && wasLost) {
    wasLost = false;
    tell([{ kind: "elsewhere" }]);
  }
}

function tell(changes: readonly Change[]): void {
  for (const listener of [...listeners]) listener(changes);
}
