/**
 * The way from a container to the API.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { openRunSocket, passOn, removeEmptyParent } from "../../src/agent/run_socket.ts";
import type { Fetch } from "../../src/client/transport.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const options = (upstream: Fetch) => ({ apiUrl: "http://api:4200/api", upstream, token: "secret" });

test("a request goes to the API's own address with the lease's token, and a forged one is replaced", async () => {
  const seen: { input: string; init: RequestInit }[] = [];
  const upstream: Fetch = async (input, init = {}) => {
    seen.push({ input, init });
    return await Promise.resolve(new Response("taken", { status: 201, headers: { "x-other": "kept" } }));
  };
  const request = new Request("http://localhost/api/logs/?a=b", {
    method: "POST",
    headers: { "X-Flowctl-Lease": "forged", "content-type": "application/json" },
    // Of unknown length, so it is passed on as a stream.
    body: new Blob(["[]"]).stream(),
    duplex: "half",
  } as RequestInit);
  const response = await passOn(request, options(upstream));
  assert.deepEqual([response.status, await response.text(), response.headers.get("x-other")], [201, "taken", "kept"]);
  assert.equal(seen[0].input, "http://api:4200/api/logs/?a=b");
  const headers = new Headers(seen[0].init.headers);
  assert.equal(headers.get("x-flowctl-lease"), "secret");
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(await new Response(seen[0].init.body).text(), "[]");
});

test("only the API is there", async () => {
  const never: Fetch = () => Promise.reject(new Error("asked"));
  for (const path of ["/", "/docs", "/apiary", "/flow-runs/1"]) {
    assert.equal((await passOn(new Request(`http://localhost${path}`), options(never))).status, 404);
  }
});

test("an API that refused the connection is 503, for nothing was done; one that broke off is 502", async () => {
  const failing = (code: string): Fetch => () =>
    Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }));
  const ask = async (code: string) =>
    (await passOn(new Request("http://localhost/api/x"), options(failing(code)))).status;
  assert.deepEqual([await ask("ECONNREFUSED"), await ask("ECONNRESET")], [503, 502]);
});

test("the socket is open to any user in a folder that only its owner can reach, and goes with its run", async () => {
  using folder = testFolder();
  const home = join(folder.path, "home");
  let aborted: () => void, asked: () => void;
  const wasAborted = new Promise<void>((resolve) => aborted = resolve);
  const wasAsked = new Promise<void>((resolve) => asked = resolve);
  const upstream: Fetch = (_input, init) =>
    new Promise((_, reject) => {
      asked();
      init!.signal!.addEventListener("abort", () => {
        aborted();
        reject(init!.signal!.reason);
      });
    });
  const socket = await openRunSocket({ home, leaseId: "l", ...options(upstream) });
  const mode = (path: string) => statSync(path).mode & 0o777;
  assert.equal(mode(dirname(socket.folder)), 0o700);
  assert.equal(mode(socket.folder), 0o755);
  assert.equal(mode(join(socket.folder, "api.sock")), 0o666);

  // A long poll that its caller gives up is given up upstream too.
  const fetch = createNodeFetch({ socketPath: join(socket.folder, "api.sock"), keepAlive: false });
  const giveUp = new AbortController();
  const poll = fetch("http://localhost/api/flow_runs/x/wait", { signal: giveUp.signal });
  wasAsked.then(() => giveUp.abort());
  await assert.rejects(poll);
  await wasAborted;

  await socket.remove();
  assert.equal(statSync(socket.folder, { throwIfNoEntry: false }), undefined);
});

test("on Windows it is a door on loopback, which opens to the lease's token and nobody else", async () => {
  using folder = testFolder();
  const tokens: (string | null)[] = [];
  const upstream: Fetch = (_input, init) => {
    tokens.push(new Headers(init!.headers).get("x-flowctl-lease"));
    return Promise.resolve(new Response("ok"));
  };
  const { door, remove } = await openRunSocket({
    home: folder.path,
    leaseId: "l",
    ...options(upstream),
    platform: "win32",
  });
  assert.match(door!.url, /^http:\/\/127\.0\.0\.1:\d+\/api$/);
  const token = readFileSync(door!.tokenFile, "utf8");
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${door!.url}/x`, { headers });
    return [response.status, response.ok ? await response.text() : (await response.json()).code];
  };
  try {
    assert.deepEqual(await ask({}), [401, "unauthorized"]);
    assert.deepEqual(await ask({ "x-flowctl-lease": "another" }), [401, "unauthorized"]);
    assert.deepEqual(await ask({ "x-flowctl-lease": token }), [200, "ok"]);
    assert.deepEqual(tokens, ["secret"]);
  } finally {
    await remove();
  }
  assert.ok(!existsSync(door!.tokenFile));
});

test("the folder of all runs goes with the last of them, and not before", async () => {
  using folder = testFolder();
  const upstream: Fetch = () => Promise.resolve(new Response("true"));
  const ids = ["a", "b"];
  const sockets = await Promise.all(
    ids.map((leaseId) => openRunSocket({ ...options(upstream), home: folder.path, leaseId })),
  );
  const parent = dirname(sockets[0].folder);
  await sockets[0].remove();
  removeEmptyParent(folder.path, "a");
  assert.ok(existsSync(parent));
  await sockets[1].remove();
  removeEmptyParent(folder.path, "a");
  assert.ok(!existsSync(parent));
  removeEmptyParent(folder.path, "a");
});

test("the next agent serves the same folder, also when the last one was killed", async () => {
  using folder = testFolder();
  const home = join(folder.path, "home");
  const upstream: Fetch = () => Promise.resolve(new Response("ok"));
  const first = await openRunSocket({ home, leaseId: "l", ...options(upstream) });
  await first.close();
  const second = await openRunSocket({ home, leaseId: "l", ...options(upstream) });
  assert.equal(second.folder, first.folder);
  const fetch = createNodeFetch({ socketPath: join(second.folder, "api.sock"), keepAlive: false });
  assert.equal(await (await fetch("http://localhost/api/x")).text(), "ok");
  await second.remove();
});
