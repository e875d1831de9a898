import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../src/config/settings.ts";
import { connect } from "../../src/server/connect.ts";
import { openEphemeral } from "../../src/server/ephemeral.ts";
import { type StartOptions, startServer } from "../../src/server/start.ts";
import { createClient } from "../../src/client/client.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { silentLog } from "../../src/support/log.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { serve } from "../../src/support/serve.ts";
import { test } from "../testing/test.ts";

async function inHome(body: (home: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "flowctl-home-"));
  try {
    await body(home);
  } finally {
    rmSync(home, { recursive: true });
  }
}

const settingsOf = (home: string, env: Record<string, string> = {}) => readSettings({ FLOWCTL_HOME: home, ...env });
const start = (home: string, options: Partial<StartOptions> = {}) =>
  startServer({ settings: settingsOf(home), port: 0, services: false, log: silentLog, ...options });
const connectTo = (home: string, env: Record<string, string> = {}) =>
  connect({ settings: settingsOf(home, env), log: silentLog });

test("a server answers at the address in server.json, which only its owner reads and which goes with it", () =>
  inHome(async (home) => {
    const server = await start(home);
    const said = JSON.parse(readFileSync(join(home, "server.json"), "utf8"));
    assert.equal(said.url, server.url);
    assert.equal(said.pid, process.pid);
    assert.equal(statSync(join(home, "server.json")).mode & 0o777, 0o600);
    assert.equal(await (await fetch(`${server.url}/api/health`)).json(), true);
    await server.stop();
    await server.stop();
    assert.equal(existsSync(join(home, "server.json")), false);
  }));

test("a second server on one home is refused in one sentence, and may start after the first", () =>
  inHome(async (home) => {
    const first = await start(home);
    await assert.rejects(
      start(home),
      (error) => isFlowctlError(error, "conflict") && /one already serves home/.test(error.message),
    );
    await first.stop();
    await (await start(home)).stop();
  }));

test("a port in use is refused, and nothing stays locked", () =>
  inHome(async (home) => {
    const taken = await serve({ hostname: "127.0.0.1", port: 0 }, () => new Response());
    await assert.rejects(start(home, { port: taken.port }), (error) => isFlowctlError(error, "conflict"));
    await taken.stop(1000);
    await (await start(home)).stop();
  }));

test("a home that is a file is refused in one sentence", () =>
  inHome(async (home) => {
    const file = join(home, "home-file");
    writeFileSync(file, "");
    await assert.rejects(
      start(file),
      (error) => isFlowctlError(error, "forbidden") && /home-file": .*no folder/.test(error.message),
    );
  }));

test("a database of a newer version is refused in one sentence", () =>
  inHome(async (home) => {
    await (await start(home)).stop();
    const db = new DatabaseSync(join(home, "flowctl.db"));
    db.exec("PRAGMA user_version = 9999");
    db.close();
    await assert.rejects(start(home), (error) => isFlowctlError(error) && !error.message.includes("\n"));
  }));

test("a stop ends long polls, lets them be answered, and is quick", () =>
  inHome(async (home) => {
    const server = await start(home);
    const client = createClient({ url: `${server.url}/api`, fetch });
    const run = await client.flowRuns.create({ flow_id: (await client.flows.create({ name: "f" })).id });
    const waiting = client.flowRuns.wait(run.id, run.state_id, 60);
    // The poll is open when another request, sent later on, is answered.
    await client.flowRuns.read(run.id);
    const before = performance.now();
    await server.stop();
    assert.equal((await waiting).id, run.id);
    assert.ok(performance.now() - before < 5000);
  }));

test("a foreign page and an unknown host are refused on the port", () =>
  inHome(async (home) => {
    const server = await start(home);
    const node = createNodeFetch({ keepAlive: false });
    const headers = { "content-type": "application/json", origin: "http://evil.example" };
    const body = `{"name":"x"}`;
    const foreign = await node(`${server.url}/api/flows/`, { method: "POST", headers, body });
    assert.equal(foreign.status, 403);
    const misled = createNodeFetch({ keepAlive: false, host: new URL(server.url).host });
    assert.equal((await misled("http://evil.example/api/health")).status, 403);
    await server.stop();
  }));

test("without pages a page's address is 404 with a sentence, with them it is a page", () =>
  inHome(async (home) => {
    const plain = await start(home, { ui: false });
    const without = await fetch(`${plain.url}/`);
    assert.equal(without.status, 404);
    assert.match((await without.json()).detail, /without pages/);
    await plain.stop();
    const paged = await start(home);
    const page = await fetch(`${paged.url}/`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<div id="app">/);
    await paged.stop();
  }));

test("without a server the API is in this process, and what it made is there when a server starts", () =>
  inHome(async (home) => {
    const alone = await connectTo(home);
    assert.equal(alone.mode, "ephemeral");
    const flow = await alone.client.flows.create({ name: "kept" });
    await alone.close();
    await alone.close();
    const server = await start(home);
    const beside = await connectTo(home);
    assert.equal(beside.mode, "server");
    assert.equal(beside.address, server.url);
    assert.deepEqual(await beside.client.flows.readByName("kept"), flow);
    await beside.close();
    await server.stop();
  }));

test("a deployment made without a server has its schedule's runs once one starts", () =>
  inHome(async (home) => {
    const app = await openEphemeral({ settings: settingsOf(home), log: silentLog });
    const client = createClient({ url: "http://localhost/api", fetch: app.fetch });
    const flow = await client.flows.create({ name: "f" });
    const schedules = [{ schedule: { interval: 3600 } }] as never;
    const deployment = await client.deployments.create({ name: "hourly", flow_id: flow.id, schedules });
    assert.equal(await client.flowRuns.count({ deployments: { id: { any_: [deployment.id] } } }), 0);
    await app.close();
    const server = await start(home, { services: true });
    const running = createClient({ url: `${server.url}/api`, fetch: server.fetch });
    let runs = await running.flowRuns.list();
    while (runs.length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      runs = await running.flowRuns.list();
    }
    assert.ok(runs.every((run) => run.auto_scheduled && run.deployment_id === deployment.id));
    await server.stop();
  }));

test("a server.json that a killed server left behind is not believed, even when another server has its port", () =>
  inHome((home) =>
    inHome(async (elsewhere) => {
      const other = await start(elsewhere);
      writeFileSync(join(home, "server.json"), JSON.stringify({ pid: 1, url: other.url, instance: "gone" }));
      const connection = await connectTo(home);
      assert.equal(connection.mode, "ephemeral");
      await connection.close();
      await other.stop();
    })
  ));

test("an address that was set is used, with and without slash, and by its older name", () =>
  inHome(async (home) => {
    const server = await start(home);
    for (
      const env of [
        { FLOWCTL_API_URL: `${server.url}/api` },
        { FLOWCTL_API_URL: `${server.url}/api/` },
        { FLOWCTL_ORION_HOST: `${server.url}/api/` },
      ] as Record<string, string>[]
    ) {
      const connection = await connectTo("/nowhere", env);
      assert.equal(connection.mode, "remote");
      assert.equal(await connection.client.admin.health(), true);
      await connection.close();
    }
    await server.stop();
  }));

test("an API behind a Unix socket is reached", () =>
  inHome(async (home) => {
    const app = await openEphemeral({ settings: settingsOf(home), log: silentLog });
    const path = join(home, "api.sock");
    const served = await serve({ unix: path }, (request) => app.fetch(request as unknown as string));
    const connection = await connectTo("/nowhere", { FLOWCTL_API_URL: `unix://${path}` });
    assert.equal(connection.mode, "remote");
    assert.equal((await connection.client.flows.create({ name: "through" })).name, "through");
    await connection.close();
    await served.stop(1000);
    await app.close();
  }));

test("the token in a file speaks for its attempt, and a file that is missing is told", () =>
  inHome(async (home) => {
    const headers: (string | null)[] = [];
    const served = await serve({ hostname: "127.0.0.1", port: 0 }, (request) => {
      headers.push(request.headers.get("x-flowctl-lease"));
      return Promise.resolve(Response.json(true));
    });
    const FLOWCTL_LEASE_TOKEN_FILE = join(home, "token");
    const env = { FLOWCTL_API_URL: `http://127.0.0.1:${served.port}/api`, FLOWCTL_LEASE_TOKEN_FILE };
    try {
      await assert.rejects(connectTo(home, env), /Cannot speak for this run: its token in ".*token" can't be read/);
      writeFileSync(FLOWCTL_LEASE_TOKEN_FILE, "secret\n");
      const { client, close } = await connectTo(home, env);
      await client.admin.health();
      assert.deepEqual(headers, ["secret"]);
      await close();
    } finally {
      await served.stop(0);
    }
  }));
