/**
 * Keeps an event stream open: opens it again when it ends or falls silent, and says which it is.
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
export const RETRY_MS = [250, 500, 1000, 2000, 5000];

/** A server says something every 15 s; one that is silent for so long, in milliseconds, is away, whatever the connection says. */
export const SILENCE_MS = 40_000;

/** What a stream is made of; the browser's own by default. */
export interface StreamParts {
  source(url: string): Pick<EventSource, "addEventListener" | "close">;
  fetch(url: string, init?: RequestInit): Promise<Pick<Response, "ok" | "status">>;
  later(work: () => void, ms: number): () => void;
}

const BROWSER: StreamParts = {
  source: (url) => new EventSource(url),
  fetch: (url, init) => fetch(url, init),
  later(work, ms) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

/** Opens `/api/events` and keeps it open. */
export function openStream(
  tell: (message: StreamMessage) => void,
  { source, fetch, later }: StreamParts = BROWSER,
): { retry(): void } {
  let current: ReturnType<StreamParts["source"]> | undefined;
  let forget = () => {};
  let tries = 0;
  // Whether something may have been missed that nobody was told of.
  let broke = false;

  function open(): void {
    forget();
    current?.close();
    const own = current = source("/api/events");
    const heard = () => {
      forget();
      forget = later(() => void lost(own), SILENCE_MS);
    };
    heard();
    own.addEventListener("hello", () => {
      tries = 0;
      heard();
      tell({ kind: "open" });
      if (broke) tell({ kind: "changes", changes: [{ kind: "elsewhere" }] });
      broke = false;
    });
    own.addEventListener("beat", heard);
    own.addEventListener("changes", (event) => {
      heard();
      tell({ kind: "changes", changes: JSON.parse((event as MessageEvent).data) });
    });
    own.addEventListener("error", () => void lost(own));
  }

  async function lost(own: typeof current): Promise<void> {
    if (own !== current) return;
    forget();
    own?.close();
    current = undefined;
    // An event source does not tell the status that it was refused with. This is asked for by every page, so it tells nothing new.
    const status = (await fetch("/api/flows/count", { method: "POST" }).catch(() => undefined))?.status;
    // Somebody pressed the button meanwhile.
    if (current !== undefined) return;
    // Browsers drop their connections when the machine's networks change, as an engine's do all the time: nobody need see that.
    broke = status !== undefined && status < 400 && tries === 0;
    if (broke) {
      tries++;
      return open();
    }
    tell({ kind: status === 401 ? "signed_out" : "lost" });
    forget = later(open, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  }

  open();
  return {
    retry() {
      tries = 0;
      open();
    },
  };
}
