/**
 * A light HTTP load over keep-alive sockets: N clients, each with one request at a time.
 *
 * Written on sockets because the generator shares the machine's two cores with the server: `fetch` would cost more than the server does.
 *
 * @module
 */

import { connect } from "node:net";

/** What a load came to. */
export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/**
 * Sends requests for some seconds.
 *
 * @param next The body of the next request of a client, with its path; told the last answer's body
 */
export async function load(
  address: { host: string; port: number },
  options: { clients: number; seconds: number; next: (client: number, last: string) => { path: string; body: string } },
): Promise<LoadResult> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + options.seconds * 1000;
  await Promise.all(Array.from({ length: options.clients }, async (_, client) => {
    const socket = connect(address);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.setNoDelay(true);
    let last = "";
    while (performance.now() < end) {
      const { path, body } = options.next(client, last);
      const before = performance.now();
      const bytes = new TextEncoder().encode(body).length;
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost:${address.port}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n${body}`,
      );
      last = await answer(socket);
      times.push(performance.now() - before);
    }
    socket.destroy();
  }));
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Reads one answer with a content length and gives its body. */
function answer(socket: import("node:net").Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (error?: Error) => {
      socket.off("data", take).off("error", done).off("close", closed);
      if (error) reject(error);
      else resolve(text.slice(text.indexOf("\r\n\r\n") + 4));
    };
    const closed = () => done(new Error("The server closed the connection"));
    const take = (chunk: Uint8Array) => {
      text += new TextDecoder("latin1").decode(chunk);
      const head = text.indexOf("\r\n\r\n");
      if (head < 0) return;
      const status = Number(text.slice(9, 12));
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1]);
      if (Number.isNaN(length)) return done(new Error(`An answer without a length:\n${text}`));
      if (text.length < head + 4 + length) return;
      if (status >= 300) return done(new Error(`The server answered ${status}:\n${text}`));
      done();
    };
    socket.on("data", take).once("error", done).once("close", closed);
  });
}
