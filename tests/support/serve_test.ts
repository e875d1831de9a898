import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFlowctlError } from "../../src/support/errors.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { type Handler, type Listen, serve } from "../../src/support/serve.ts";
import { test } from "../testing/test.ts";

const ANY: Listen = { hostname: "127.0.0.1", port: 0 };
const hello: Handler = () => new Response("hello");

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-serve-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("port 0 is answered with the port that the system chose", async () => {
  const served = await serve(ANY, hello);
  assert.ok(served.port > 0);
  assert.equal(served.hostname, "127.0.0.1");
  assert.equal(await (await fetch(`http://127.0.0.1:${served.port}/`)).text(), "hello");
  await served.stop(1000);
});

test("a port in use is a conflict, in one sentence that names it", async () => {
  const first = await serve(ANY, hello);
  await assert.rejects(
    serve({ hostname: "127.0.0.1", port: first.port }, hello),
    (error) =>
      isFlowctlError(error, "conflict") &&
      error.message === `Cannot listen on "127.0.0.1:${first.port}": the port is in use`,
  );
  await first.stop(1000);
});

test("a handler that throws is answered with a plain 500", async () => {
  const served = await serve(ANY, () => {
    throw new Error("secret");
  });
  const response = await fetch(`http://127.0.0.1:${served.port}/`);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "Internal Server Error");
  await served.stop(1000);
});

test("the signal of a request aborts when the client goes, and not when it was answered", async () => {
  const signals: AbortSignal[] = [];
  const asked = Promise.withResolvers<void>();
  const served = await serve(ANY, async (request) => {
    signals.push(request.signal);
    if (!request.url.endsWith("/wait")) return new Response("done");
    asked.resolve();
    await new Promise<void>((resolve) => request.signal.addEventListener("abort", () => resolve()));
    return new Response();
  });
  const url = `http://127.0.0.1:${served.port}`;
  await (await fetch(url)).text();
  const client = new AbortController();
  const waiting = fetch(`${url}/wait`, { signal: client.signal }).catch(() => "gone");
  await asked.promise;
  client.abort();
  assert.equal(await waiting, "gone");
  await served.stop(5000);
  assert.deepEqual(signals.map((signal) => signal.aborted), [false, true]);
});

test("a stop lets a running request finish and refuses new ones", async () => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const served = await serve(ANY, async () => {
    asked.resolve();
    await go.promise;
    return new Response("whole");
  });
  const url = `http://127.0.0.1:${served.port}/`;
  const answer = fetch(url).then((response) => response.text());
  await asked.promise;
  const stopped = served.stop(5000);
  go.resolve();
  assert.equal(await answer, "whole");
  await stopped;
  await assert.rejects(fetch(url));
});

test("a stop waits no longer than the grace for an answer that never ends", async () => {
  const asked = Promise.withResolvers<void>();
  const client = new AbortController();
  const served = await serve(ANY, () => {
    asked.resolve();
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([104])) }));
  });
  const read = fetch(`http://127.0.0.1:${served.port}/`, { signal: client.signal })
    .then((response) => response.text()).catch(() => "cut");
  await asked.promise;
  await served.stop(20);
  client.abort();
  // Bun's client takes a chunked body that was cut for a whole one.
  assert.ok(["cut", "h"].includes(await read));
});

test("a socket may be used by every user and is gone after the stop", () =>
  inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    const served = await serve({ unix: path }, hello);
    assert.equal(statSync(path).mode & 0o777, 0o666);
    const fetch = createNodeFetch({ socketPath: path, keepAlive: false });
    assert.equal(await (await fetch("http://localhost/")).text(), "hello");
    await served.stop(1000);
    assert.equal(existsSync(path), false);
  }));

test("a socket file that nobody serves is replaced, a served one is refused", () =>
  inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    await leaveStaleSocket(path);
    assert.ok(statSync(path).isSocket());
    const served = await serve({ unix: path }, hello);
    await assert.rejects(serve({ unix: path }, hello), (error) => isFlowctlError(error, "conflict"));
    const fetch = createNodeFetch({ socketPath: path, keepAlive: false });
    assert.equal(await (await fetch("http://localhost/")).text(), "hello");
    await served.stop(1000);
  }));

test("a file that is no socket is never replaced", () =>
  inFolder(async (folder) => {
    const path = join(folder, "precious");
    writeFileSync(path, "text");
    await assert.rejects(serve({ unix: path }, hello), (error) => isFlowctlError(error, "conflict"));
    assert.equal(statSync(path).size, 4);
  }));

test("a socket's path of more than 107 bytes is refused in words", async () => {
  await assert.rejects(
    serve({ unix: `/tmp/${"é".repeat(60)}.sock` }, hello),
    (error) => isFlowctlError(error, "invalid") && /130 bytes/.test(error.message),
  );
});

/** A socket file whose server is gone: a listening socket's second name, which nobody removes. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { linkSync } = await import("node:fs");
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  linkSync(`${path}.live`, path);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

test("a handler is told the address at the other end, and on a Unix socket that there is none", () =>
  inFolder(async (folder) => {
    const told: (string | undefined)[] = [];
    const tell: Handler = (_, address) => {
      told.push(address);
      return new Response();
    };
    const tcp = await serve(ANY, tell);
    const headers = { "x-forwarded-for": "192.0.2.1" };
    await (await fetch(`http://127.0.0.1:${tcp.port}/`, { headers })).body?.cancel();
    await tcp.stop(1000);
    const unix = await serve({ unix: join(folder, "s") }, tell);
    const viaSocket = createNodeFetch({ socketPath: join(folder, "s"), keepAlive: false });
    await (await viaSocket("http://localhost/")).text();
    await unix.stop(1000);
    assert.deepEqual(told, ["127.0.0.1", undefined]);
  }));
