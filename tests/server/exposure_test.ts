import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createClient } from "../../src/client/client.ts";
import { readSettings } from "../../src/config/settings.ts";
import { connect } from "../../src/server/connect.ts";
import { openHomeToken } from "../../src/server/home_token.ts";
import { type StartOptions, startServer } from "../../src/server/start.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { createLog, silentLog } from "../../src/support/log.ts";
import { serve } from "../../src/support/serve.ts";
import { test } from "../testing/test.ts";

async function inHome(body: (home: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "flowctl-exposed-"));
  try {
    await body(home);
  } finally {
    rmSync(home, { recursive: true });
  }
}

const settingsOf = (home: string, env: Record<string, string> = {}) => readSettings({ FLOWCTL_HOME: home, ...env });
const start = (home: string, options: Partial<StartOptions> = {}, env: Record<string, string> = {}) =>
  startServer({ settings: settingsOf(home, env), port: 0, services: false, log: silentLog, ...options });
const REQUIRE = { FLOWCTL_AUTH_LOOPBACK: "require" };

test("a server on loopback has no first token and no token file", () =>
  inHome(async (home) => {
    const server = await start(home);
    assert.deepEqual([server.isExposed, server.isLoopbackTrusted], [false, true]);
    assert.deepEqual([server.firstToken, server.signInUrl], [undefined, undefined]);
    assert.equal(existsSync(join(home, "home.token")), false);
    await server.stop();
  }));

test("the first exposed server of a home makes an ADMIN token, later ones do not", () =>
  inHome(async (home) => {
    await (await start(home)).stop();
    const first = await start(home, { expose: true });
    assert.equal(first.isExposed, true);
    assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const client = createClient({ url: `${first.url}/api`, fetch, apiKey: first.firstToken });
    assert.deepEqual(await client.tokens.me(), { kind: "token", name: "first", scope: "ADMIN" });
    await client.tokens.revoke((await client.tokens.list())[0].id);
    await first.stop();
    const second = await start(home, { host: "0.0.0.0" });
    assert.deepEqual([second.isExposed, second.firstToken], [true, undefined]);
    await second.stop();
  }));

test("a server that can't listen makes no first token that nobody would see", () =>
  inHome(async (home) => {
    const taken = await serve({ hostname: "0.0.0.0", port: 0 }, () => new Response());
    await assert.rejects(start(home, { expose: true, port: taken.port }), (error) => isFlowctlError(error, "conflict"));
    await taken.stop(1000);
    const server = await start(home, { expose: true });
    assert.ok(server.firstToken);
    await server.stop();
  }));

test("where tokens are required, this home's own programs have one from a file that only its owner reads", () =>
  inHome(async (home) => {
    const server = await start(home, {}, REQUIRE);
    assert.equal(server.isLoopbackTrusted, false);
    assert.equal(statSync(join(home, "home.token")).mode & 0o777, 0o600);
    const answer = await fetch(`${server.url}/api/flows/filter`, { method: "POST" });
    await answer.body?.cancel();
    assert.equal(answer.status, 401);
    for (const env of [{}, { FLOWCTL_API_URL: `${server.url}/api` }] as Record<string, string>[]) {
      const connection = await connect({ settings: settingsOf(home, env), log: silentLog });
      assert.deepEqual(await connection.client.tokens.me(), { kind: "home", name: null, scope: "ADMIN" });
      await connection.close();
    }
    const file = readFileSync(join(home, "home.token"), "utf8");
    await server.stop();
    const again = await start(home, {}, REQUIRE);
    assert.equal(
      readFileSync(join(home, "home.token"), "utf8"),
      file,
      "an agent goes on when the server is started anew",
    );
    await again.stop();
  }));

test("the token file is shown to this home's own server and to nobody else", () =>
  inHome(async (home) => {
    const server = await start(home, {}, REQUIRE);
    const shown: (string | null)[] = [];
    const other = await serve({ hostname: "127.0.0.1", port: 0 }, (request) => {
      shown.push(request.headers.get("authorization"));
      return Response.json(true);
    });
    const env = { FLOWCTL_API_URL: `http://127.0.0.1:${other.port}/api` };
    const connection = await connect({ settings: settingsOf(home, env), log: silentLog });
    await connection.client.admin.health();
    assert.deepEqual(shown, [null]);
    await connection.close();
    await other.stop(1000);
    await server.stop();
  }));

test("a token file that others may read is refused in one sentence", () =>
  inHome((home) => {
    assert.ok(openHomeToken(home, true));
    chmodSync(join(home, "home.token"), 0o644);
    if (process.platform !== "win32") {
      assert.throws(
        () => openHomeToken(home, true),
        (error) => isFlowctlError(error, "forbidden") && /others than its owner may read it/.test(error.message),
      );
    }
    return Promise.resolve();
  }));

test("where tokens are required the page has a link that signs in once", () =>
  inHome(async (home) => {
    const server = await start(home, {}, REQUIRE);
    const answer = await fetch(server.signInUrl!);
    await answer.body?.cancel();
    const cookie = answer.headers.get("set-cookie")!.split(";")[0];
    const page = await fetch(`${server.url}/`, { headers: { cookie } });
    assert.match(await page.text(), /<div id="app">/);
    const again = await fetch(server.signInUrl!);
    await again.body?.cancel();
    assert.equal(again.status, 401);
    await server.stop();
  }));

test("a name that the server does not go by is refused without a token, and with one it does not matter", () =>
  inHome(async (home) => {
    const server = await start(home, { expose: true });
    const node = (await import("../../src/support/node_fetch.ts")).createNodeFetch({
      keepAlive: false,
      host: new URL(server.url).host,
    });
    const ask = async (headers: Record<string, string>) => {
      const response = await node("http://flows.example/api/tokens/me", { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await ask({}), 403);
    assert.equal(await ask({ authorization: `Bearer ${server.firstToken}` }), 200);
    assert.equal(await ask({ authorization: "Bearer made-up" }), 401);
    assert.equal(await ask({ "x-forwarded-for": "192.0.2.1" }), 401);
    await server.stop();
  }));

for (
  const [url, isWarned] of [
    ["http://flows.example/api", true],
    ["http://192.0.2.1:4200/api", true],
    ["https://flows.example/api", false],
    ["http://127.0.0.1:4200/api", false],
    ["http://[::1]:4200/api", false],
    ["http://host.docker.internal:4200/api", false],
    ["unix:///run/api.sock", false],
  ] as const
) {
  test(`an API at ${url} is ${isWarned ? "" : "not "}warned of`, () =>
    inHome(async (home) => {
      const lines: string[] = [];
      const log = createLog({ write: (line) => lines.push(line) });
      const connection = await connect({ settings: settingsOf(home, { FLOWCTL_API_URL: url }), log });
      await connection.close();
      assert.equal(lines.length, isWarned ? 1 : 0);
      if (isWarned) assert.match(lines[0], /WARNING .* is reached without encryption/);
    }));
}
