/**
 * Our fetch over sockets: what streams, what is cut off, and how many connections it takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import {
  createNodeFetch,
  type NodeFetch,
  type NodeFetchOptions,
  type TlsOptions,
} from "../../src/support/node_fetch.ts";
import { test } from "../testing/test.ts";
import { CERTIFICATE, KEY } from "./fixtures/tls.ts";

type Handler = (req: http.IncomingMessage, res: http.ServerResponse) => void;
interface Setting {
  fetch: NodeFetch;
  origin: string;
  connections(): number;
}

/** A server on a Unix socket (or TCP) and a fetch to it, for one test. */
async function serving(
  handler: Handler,
  body: (setting: Setting) => Promise<void>,
  { over = "socket", ...options }: NodeFetchOptions & { over?: "socket" | "tcp" } = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fetch-"));
  const server = http.createServer(handler);
  let connections = 0;
  server.on("connection", () => connections++);
  const socketPath = join(folder, "s");
  await new Promise<void>((resolve) =>
    over === "socket" ? server.listen(socketPath, resolve) : server.listen(0, "127.0.0.1", resolve)
  );
  const port = over === "socket" ? 0 : (server.address() as AddressInfo).port;
  const fetch = createNodeFetch(over === "socket" ? { socketPath, ...options } : options);
  try {
    const origin = over === "socket" ? "http://engine" : `http://127.0.0.1:${port}`;
    await body({ fetch, origin, connections: () => connections });
  } finally {
    fetch.close();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await rm(folder, { recursive: true });
  }
}

const echo: Handler = (req, res) => {
  const parts: Uint8Array[] = [];
  req.on("data", (part) => parts.push(part));
  req.on("end", () => {
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({
      method: req.method,
      url: req.url,
      host: req.headers.host,
      type: req.headers["content-type"],
      length: req.headers["content-length"],
      body: new TextDecoder().decode(new Uint8Array(parts.flatMap((part) => [...part]))),
    }));
  });
};

test("a request sends method, path, query, host and body", () =>
  serving(echo, async ({ fetch }) => {
    const response = await fetch("http://engine/a/b?c=d%2Fe", {
      method: "post",
      body: '{"x":1}',
      headers: { "Content-Type": "application/json" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), {
      method: "POST",
      url: "/a/b?c=d%2Fe",
      host: "engine",
      type: "application/json",
      length: "7",
      body: '{"x":1}',
    });
  }));

test("a Request object, bytes, form data and no body are sent as fetch sends them", () =>
  serving(echo, async ({ fetch }) => {
    const send = async (...args: Parameters<NodeFetch>) => await (await fetch(...args)).json();
    assert.equal((await send(new Request("http://e/r", { method: "PUT", body: "text" }))).body, "text");
    assert.equal((await send(new URL("http://e/u"))).method, "GET");
    assert.equal((await send("http://e/", { method: "POST", body: new Uint8Array([65, 66]) })).body, "AB");
    const form = await send("http://e/", { method: "POST", body: new URLSearchParams({ a: "b c" }) });
    assert.equal(form.body, "a=b+c");
    assert.match(form.type, /^application\/x-www-form-urlencoded/);
    assert.equal((await send("http://e/", { method: "POST" })).length, "0");
  }));

test("short requests share one connection; one with keepalive false has its own", () =>
  serving(echo, async ({ fetch, connections }) => {
    for (let i = 0; i < 5; i++) await (await fetch("http://e/", { method: "POST", body: "x" })).text();
    assert.equal(connections(), 1);
    await (await fetch("http://e/", { keepalive: false })).text();
    assert.equal(connections(), 2);
    await (await fetch("http://e/")).text();
    assert.equal(connections(), 2);
  }));

test("an empty answer such as 204 or 304 gives its connection back", () =>
  serving((_req, res) => res.writeHead(204).end(), async ({ fetch, connections }) => {
    for (let i = 0; i < 3; i++) assert.equal((await fetch("http://e/")).body, null);
    assert.equal(connections(), 1);
  }));

test("a streamed body arrives while it is being made", () => {
  let received = 0;
  const { promise: firstArrived, resolve } = Promise.withResolvers<void>();
  return serving((req, res) => {
    req.on("data", (part) => {
      received += part.length;
      resolve();
    });
    req.on("end", () => res.end(String(received)));
  }, async ({ fetch }) => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (chunks++ === 1) await firstArrived;
        if (chunks > 3) controller.close();
        else controller.enqueue(new Uint8Array(10));
      },
    });
    assert.equal(await (await fetch("http://e/", { method: "POST", body })).text(), "30");
  });
});

test("an upload waits for a server that does not read", () =>
  serving((req, res) => {
    req.pause();
    res.writeHead(200);
    res.flushHeaders();
  }, async ({ fetch }) => {
    let sent = 0;
    let waiting = () => {};
    const stuck = new Promise<void>((resolve) => waiting = resolve);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        clearTimeout(timer);
        sent += 65536;
        controller.enqueue(new Uint8Array(65536));
        timer = setTimeout(waiting, 50);
      },
    }, { highWaterMark: 0 });
    const stop = new AbortController();
    const response = await fetch("http://e/", { method: "POST", body, signal: stop.signal });
    await stuck;
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`);
    stop.abort();
    await assert.rejects(response.text());
  }));

test("an answer that comes while the upload still runs is delivered, and the upload ends", async () => {
  // Like the engine, this server answers early, goes on reading for a while and does not close the connection at once.
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 13\r\n\r\nno such thing"));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65536)),
    cancel: () => resolve(),
  }, { highWaterMark: 0 });
  const fetch = createNodeFetch();
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: "PUT", body });
  assert.equal(response.status, 404);
  assert.equal(await response.text(), "no such thing");
  await cancelled;
  await new Promise((resolve) => server.close(resolve));
});

test("a body that fails to be made fails the request with that error", () =>
  serving(echo, async ({ fetch }) => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new RangeError("no more")) });
    await assert.rejects(fetch("http://e/", { method: "POST", body }), /no more/);
  }));

test("a slow reader slows the server down", () => {
  let written = 0;
  return serving((_req, res) => {
    const more = () => {
      while (written < 64 * 1024 * 1024) {
        written += 65536;
        if (!res.write(new Uint8Array(65536))) {
          res.once("drain", more);
          return;
        }
      }
      res.end();
    };
    more();
  }, async ({ fetch }) => {
    const response = await fetch("http://e/", { keepalive: false });
    const reader = response.body!.getReader();
    await reader.read();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    assert.ok(written < 16 * 1024 * 1024, `${written} bytes were written`);
    await reader.cancel();
  });
});

test("an abort before the headers rejects with the signal's reason and reaches the server", () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  return serving((_req, res) => {
    res.on("close", resolve);
    arrive();
  }, async ({ fetch }) => {
    const stop = new AbortController();
    const response = fetch("http://e/", { signal: stop.signal });
    await arrived;
    stop.abort(new RangeError("enough"));
    await assert.rejects(response, /enough/);
    await gone;
  });
});

test("an abort after the headers fails the body with the signal's reason and reaches the server", () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  return serving((_req, res) => {
    res.on("close", resolve);
    res.write("first");
  }, async ({ fetch }) => {
    const stop = new AbortController();
    const response = await fetch("http://e/", { signal: stop.signal });
    const text = response.text();
    stop.abort(new RangeError("enough"));
    await assert.rejects(text, /enough/);
    await gone;
  });
});

test("cancelling a body closes its connection", () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  return serving((_req, res) => {
    res.on("close", resolve);
    res.write("first");
  }, async ({ fetch }) => {
    await (await fetch("http://e/")).body!.cancel();
    await gone;
  });
});

test("an answer that is cut off is an error and never looks complete", () =>
  serving((_req, res) => {
    res.writeHead(200, { "transfer-encoding": "chunked" });
    res.write("half", () => res.socket!.destroy());
  }, async ({ fetch }) => {
    await assert.rejects((await fetch("http://e/")).text(), TypeError);
  }));

test("a request on a reused connection that the server drops is sent once", () => {
  const seen: string[] = [];
  return serving((req, res) => {
    seen.push(req.url!);
    if (req.url === "/drop") res.socket!.destroy();
    else res.end("ok");
  }, async ({ fetch }) => {
    await (await fetch("http://e/first")).text();
    await assert.rejects(fetch("http://e/drop", { method: "POST", body: "claim" }), TypeError);
    await (await fetch("http://e/last")).text();
    assert.deepEqual(seen, ["/first", "/drop", "/last"]);
  });
});

test("a connection that cannot be made rejects with the address and the system's code", async () => {
  const fetch = createNodeFetch({ socketPath: join(tmpdir(), "nobody-listens-here.sock") });
  await assert.rejects(fetch("http://e/x"), (error: Error) => {
    assert.match(error.message, /^Cannot send GET \/x to ".*nobody-listens-here.sock": /);
    assert.equal((error.cause as { code?: string }).code, "ENOENT");
    return error instanceof TypeError;
  });
});

test("a fetch works over TCP, to the URL's own host or to a given one", () =>
  serving(echo, async ({ origin }) => {
    const own = createNodeFetch();
    assert.equal((await (await own(`${origin}/tcp`)).json()).url, "/tcp");
    own.close();
    const fixed = createNodeFetch({ host: new URL(origin).host });
    assert.equal((await (await fixed("http://some.name/tcp")).json()).host, "some.name");
    fixed.close();
  }, { over: "tcp" }));

test("over TLS the server's certificate is checked and ours is shown", async () => {
  // Not https.createServer: Bun's does not tell the client's certificate.
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer(
    { cert: CERTIFICATE, key: KEY, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", () => {
        const name = String(socket.getPeerCertificate()?.subject?.CN ?? "nobody");
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);
      });
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (tls?: TlsOptions, init?: RequestInit) => {
    const fetch = createNodeFetch({ tls });
    try {
      return await (await fetch(origin, init)).text();
    } finally {
      fetch.close();
    }
  };
  try {
    assert.equal(await ask({ ca: CERTIFICATE, cert: CERTIFICATE, key: KEY }), "localhost");
    assert.equal(await ask({ ca: CERTIFICATE, cert: CERTIFICATE, key: KEY }, { keepalive: false }), "localhost");
    assert.equal(await ask({ rejectUnauthorized: false }), "nobody");
    await assert.rejects(ask(), TypeError);
  } finally {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
});
