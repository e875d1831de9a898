/**
 * The server as its operator sees it: addresses, stopping, surviving.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { EXAMPLE, until, World } from "./support.ts";

test("the banner names the page, the API reference and how clients connect", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await server.prints(new RegExp(`FLOWCTL_API_URL=${server.url}/api`));
  await server.prints(new RegExp(`${server.url}/docs`));
  assert.equal((await server.stop("SIGINT")).code, 0);
});

test("the root and admin routes answer as Prefect's do", async () => {
  await using world = new World();
  const { url } = await world.server(["--no-agent"]);
  const get = async (path: string) => {
    const answer = await fetch(url + path);
    return { status: answer.status, body: await answer.text() };
  };
  assert.deepEqual(await get("/api/health"), { status: 200, body: "true" });
  assert.deepEqual(JSON.parse((await get("/api/ready")).body), { message: "OK" });
  assert.deepEqual(JSON.parse((await get("/api/hello")).body), "👋");
  assert.deepEqual(JSON.parse((await get("/api/version")).body), "0.8.4");
  assert.match(JSON.parse((await get("/api/admin/version")).body), /^\d+\.\d+\.\d+/);
  const csrf = await get("/api/csrf-token?client=00000000-0000-0000-0000-000000000000");
  assert.equal(csrf.status, 422);
  assert.deepEqual(JSON.parse(csrf.body), { detail: "CSRF protection is disabled." });
  const document = JSON.parse((await get("/openapi.json")).body);
  assert.match(document.openapi, /^3\.1/);
  assert.ok(document.paths["/api/flow_runs/{id}/set_state"]);
  const docs = await get("/docs");
  assert.equal(docs.status, 200);
  assert.doesNotMatch(docs.body, /(src|href)="https?:/);
  const page = await get("/");
  assert.equal(page.status, 200);
});

test("a foreign page can't write, and an unknown host is refused", async () => {
  await using world = new World();
  const { url } = await world.server(["--no-agent"]);
  const foreign = await fetch(`${url}/api/flows/`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "http://evil.example" },
    body: `{"name":"x"}`,
  });
  await foreign.body?.cancel();
  assert.equal(foreign.status, 403);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
});

test("what the server acknowledged survives kill -9", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "kept" });
  const acknowledged: string[] = [];
  let stop = false;
  const writers = Array.from({ length: 8 }, async () => {
    while (!stop) {
      try {
        acknowledged.push((await client.flowRuns.create({ flow_id: flow.id })).id);
      } catch {
        return;
      }
    }
  });
  await until("enough writes", () => acknowledged.length > 500);
  await server.stop("SIGKILL");
  stop = true;
  await Promise.all(writers);
  const again = await world.server(["--no-agent"]);
  const found = new Set<string>();
  for (let offset = 0;; offset += 200) {
    const page = await world.client(again.url).flowRuns.list({ limit: 200, offset } as never);
    page.forEach((run) => found.add(run.id));
    if (page.length < 200) break;
  }
  assert.deepEqual(acknowledged.filter((id) => !found.has(id)), []);
});

test("a server on the same home is found and used; without one the ephemeral API sees the same data", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  const alone = await world.run(["deployment", "ls", "--verbose"]);
  assert.match(alone.stderr, /ephemeral/i);
  const server = await world.server(["--no-agent"]);
  const beside = await world.run(["deployment", "ls", "--verbose"]);
  assert.ok(beside.stderr.includes(server.url), beside.stderr);
  // Only how long ago it was may differ.
  const timeless = (text: string) => text.replace(/now|\d+ seconds? ago/, "");
  assert.equal(timeless(beside.stdout), timeless(alone.stdout));
  assert.doesNotMatch(beside.stdout, /http|ephemeral/);
});

test("forty commands in ephemeral mode beside a busy server never meet a locked database", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "busy" });
  let stop = false;
  const writers = Array.from({ length: 8 }, async () => {
    while (!stop) await client.flowRuns.create({ flow_id: flow.id });
  });
  // Another home path that leads to the same folder would be another way; removing the address makes it ephemeral.
  const { rmSync } = await import("node:fs");
  rmSync(`${world.home}/server.json`);
  for (let round = 0; round < 5; round++) {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => world.run(["deployment", "create", "./example-deployment.ts"])),
    );
    for (const result of results) assert.equal(result.code, 0, result.stderr);
  }
  stop = true;
  await Promise.all(writers);
});
