/**
 * The bodies of `node_fetch.ts`: a Web stream into a `node:http` request, and a `node:http` answer into a `Response`.
 *
 * @module
 */

import type { ClientRequest, IncomingMessage } from "node:http";

/** How much of an answer waits for a slow reader, in bytes, before the connection is paused. */
const HIGH_WATER_MARK = 64 * 1024;

/** Statuses whose answers have no body; `new Response` refuses one. */
const BODYLESS = new Set([101, 103, 204, 205, 304]);

/**
 * Writes the body and ends the request.
 *
 * @param onFailure Called when the body itself (not the connection) fails; the request is then destroyed.
 */
export function sendBody(
  req: ClientRequest,
  body: Uint8Array | ReadableStream<Uint8Array> | undefined,
  onFailure: (error: unknown) => void,
): void {
  if (!(body instanceof ReadableStream)) {
    req.end(body);
    return;
  }
  // A server may answer (say 404) before it has read everything; the headers must leave before the first chunk is there.
  req.flushHeaders();
  const reader = body.getReader();
  let isGone = false;
  req.on("close", () => {
    isGone = true;
    reader.cancel().catch(() => {});
  });
  const pump = async () => {
    while (true) {
      let next;
      try {
        next = await reader.read();
      } catch (error) {
        onFailure(error);
        req.destroy();
        return;
      }
      if (isGone) return;
      if (next.done) break;
      if (next.value.byteLength > 0 && !req.write(next.value)) await drained(req);
    }
    req.end();
  };
  // Errors of the connection arrive at the request's own "error" listener.
  pump().catch(() => {});
}

function drained(req: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      req.off("drain", done);
      req.off("close", done);
      resolve();
    };
    req.on("drain", done);
    req.on("close", done);
  });
}

/**
 * Hands on the answer as a `Response` whose body pauses the connection while nobody reads.
 *
 * One without a body is handed on when its connection is free again, so that the next request finds it.
 */
export function deliver(
  req: ClientRequest,
  res: IncomingMessage,
  signal: AbortSignal | undefined,
  resolve: (response: Response) => void,
): void {
  const headers = new Headers();
  for (let i = 0; i < res.rawHeaders.length; i += 2) headers.append(res.rawHeaders[i], res.rawHeaders[i + 1]);
  const status = res.statusCode ?? 500;
  const init = { status, statusText: res.statusMessage, headers };
  if (BODYLESS.has(status) || req.method === "HEAD") {
    const done = () => resolve(new Response(null, init));
    res.on("error", done);
    res.on("end", done);
    res.on("close", done);
    res.resume();
    return;
  }

  let isOver = false;
  let onAbort = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const finish = (act: () => void) => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener("abort", onAbort);
        act();
        // An upload that still runs has nobody left to read it.
        if (!req.writableFinished) req.destroy();
      };
      onAbort = () => {
        finish(() => controller.error(signal!.reason));
        req.destroy();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      res.on("data", (chunk: Uint8Array) => {
        if (isOver) return;
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if ((controller.desiredSize ?? 0) <= 0) res.pause();
      });
      res.on("end", () => finish(() => controller.close()));
      res.on("error", (error) => finish(() => controller.error(cutOff(error))));
      // The connection may go without an "error"; a body that ends early must never look complete.
      res.on("close", () => finish(() => controller.error(cutOff())));
    },
    pull() {
      res.resume();
    },
    cancel() {
      isOver = true;
      signal?.removeEventListener("abort", onAbort);
      req.destroy();
    },
  }, { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength });
  resolve(new Response(body, init));
}

function cutOff(cause?: unknown): TypeError {
  return new TypeError("Cannot read the answer to its end: the connection was closed", { cause });
}
