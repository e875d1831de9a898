/**
 * Keeps an event stream open: opens it again when it ends, and says which it is.
 *
 * @module
 */

import type { Change } from "../../domain/changes.ts";

/** What pages hear. */
export type StreamMessage =
  | { kind: "changes"; changes: Change[] }
  /** The stream is open. After a loss anything may have changed. */
  | { kind: "open" }
  /** The server does not answer. */
  | { kind: "lost" }
  /** The server answers, and wants somebody to sign in. */
  | { kind: "signed_out" };

/** How long until the next try, in milliseconds: soon, for a server that is only started anew. */
const RETRY_MS = [250, 500, 1000, 2000, 5000];

/** Opens `/api/events` and keeps it open. */
export function openStream(tell: (message: StreamMessage) => void): { retry(): void } {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;

  const open = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource("/api/events");
    source.addEventListener("hello", () => {
      tries = 0;
      tell({ kind: "open" });
    });
    source.addEventListener("changes", (event) => tell({ kind: "changes", changes: JSON.parse(event.data) }));
    source.addEventListener("error", () => void lost());
  };

  async function lost(): Promise<void> {
    source?.close();
    // An event source does not tell the status that it was refused with.
    const answer = await fetch("/api/health").catch(() => undefined);
    const signedOut = answer?.ok &&
      (await fetch("/api/flows/count", { method: "POST" }).catch(() => undefined))?.status === 401;
    tell({ kind: signedOut ? "signed_out" : "lost" });
    clearTimeout(timer);
    timer = setTimeout(open, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  }

  open();
  return {
    retry() {
      tries = 0;
      open();
    },
  };
}
