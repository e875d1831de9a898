/**
 * The one event stream of a browser: a shared worker that all pages of this server hear of changes through.
 *
 * A browser opens only six connections to a host, so a stream for each tab would leave the seventh tab without an answer.
 *
 * @module
 */

import { openStream, type StreamMessage } from "./open_stream.ts";

const ports = new Set<MessagePort>();
/** Unknown until the stream has said something: a page that has just come has an answer, so all is well with it. */
let last: StreamMessage | undefined;

const stream = openStream((message) => {
  if (message.kind !== "changes") last = message;
  for (const port of ports) port.postMessage(message);
});

addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  ports.add(port);
  port.addEventListener("message", ({ data }) => {
    // A page that is closed says so; nothing else tells a worker.
    if (data === "bye") ports.delete(port);
    if (data === "retry") stream.retry();
  });
  port.start();
  if (last !== undefined) port.postMessage(last);
});
