import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setProfileValues } from "../../src/config/profiles.ts";
import { readSettings } from "../../src/config/settings.ts";
import { connect } from "../../src/server/connect.ts";
import { type StartOptions, startServer } from "../../src/server/start.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { silentLog } from "../../src/support/log.ts";
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

const settingsOf = (home: string) => readSettings({ FLOWCTL_HOME: home });
const keep = (home: string, values: Record<string, string>) => setProfileValues(values, { FLOWCTL_HOME: home });
const start = (home: string, options: Partial<StartOptions> = {}) =>
  startServer({ settings: settingsOf(home), port: 0, services: false, log: silentLog, ...options });

/** Which API commands on a home would use. */
async function used(home: string): Promise<[string, string]> {
  const { mode, address, close } = await connect({ settings: settingsOf(home), log: silentLog });
  await close();
  return [mode, address];
}

test("backend server is the one on this home wherever it listens, and without one that of port 4200", () =>
  inHome(async (home) => {
    await keep(home, { FLOWCTL_BACKEND: "server" });
    assert.deepEqual(await used(home), ["remote", "http://127.0.0.1:4200/api"]);
    assert.equal(existsSync(join(home, "flowctl.db")), false, "no database of its own is made");
    const server = await start(home);
    assert.deepEqual(await used(home), ["server", server.url]);
    await server.stop();
  }));

test("backend ephemeral is this home's data: its server's while one runs, else this process's", () =>
  inHome(async (home) => {
    await keep(home, { FLOWCTL_BACKEND: "ephemeral", FLOWCTL_API_URL: "http://127.0.0.1:9/api" });
    assert.deepEqual(await used(home), ["ephemeral", home]);
    const server = await start(home);
    assert.deepEqual(await used(home), ["server", server.url]);
    await server.stop();
  }));

test("backend cloud is the profile's address, also while a server runs on this home; without one it is refused", () =>
  inHome(async (home) => {
    await keep(home, { FLOWCTL_BACKEND: "cloud" });
    const server = await start(home);
    await assert.rejects(used(home), (error) => isFlowctlError(error, "invalid") && /no address/.test(error.message));
    await keep(home, { FLOWCTL_API_URL: "http://127.0.0.1:9" });
    assert.deepEqual(await used(home), ["remote", "http://127.0.0.1:9/api"]);
    await server.stop();
  }));

test("trap 16: the page's port answers the API too, and the page is on the API's", () =>
  inHome(async (home) => {
    const server = await start(home, { uiPort: 0 });
    assert.notEqual(server.uiUrl, server.url);
    for (const url of [server.url, server.uiUrl!]) {
      assert.equal(await (await fetch(`${url}/api/health`)).json(), true);
      const page = await (await fetch(`${url}/`)).text();
      assert.match(page, /<div id="app">/);
      assert.doesNotMatch(page, /(localhost|127\.0\.0\.1):\d/, "it names no address of its own");
    }
    // A page's own request, as a browser sends it from either port.
    const headers = { "content-type": "application/json", origin: server.uiUrl! };
    const made = await fetch(`${server.uiUrl}/api/flows/`, { method: "POST", headers, body: `{"name":"x"}` });
    assert.equal(made.status, 201);
    await made.body?.cancel();
    const { client, pageUrl, close } = await connect({ settings: settingsOf(home), log: silentLog });
    assert.equal(pageUrl, server.uiUrl);
    assert.equal((await client.flows.readByName("x")).name, "x");
    await close();
    await server.stop();
    await assert.rejects(fetch(`${server.uiUrl}/api/health`));
  }));

test("trap 17: one port is enough: without a page there is no second one, and both may be the same", () =>
  inHome(async (home) => {
    const bare = await start(home, { uiPort: 0, ui: false });
    assert.equal(bare.uiUrl, undefined);
    assert.equal(JSON.parse(readFileSync(join(home, "server.json"), "utf8")).ui_url, undefined);
    await bare.stop();
    const { port } = new URL(bare.url);
    const both = await start(home, { port: Number(port), uiPort: Number(port) });
    assert.equal(both.uiUrl, undefined);
    await both.stop();
  }));

test("trap 17: a port in use is named with the option that chooses another, and the other port is let go of", () =>
  inHome(async (home) => {
    const taken = await serve({ hostname: "127.0.0.1", port: 0 }, () => new Response());
    const portOptions = { port: "--server-port", uiPort: "--ui-port" };
    const hinted = (option: string) => (error: unknown) =>
      isFlowctlError(error, "conflict") && error.message.includes(`:${taken.port}"`) && error.hint!.includes(option);
    const other = await start(home);
    const free = Number(new URL(other.url).port);
    await other.stop();
    await assert.rejects(start(home, { port: free, uiPort: taken.port, portOptions }), hinted("--ui-port"));
    await assert.rejects(start(home, { port: taken.port, uiPort: free, portOptions }), hinted("--server-port"));
    await (await start(home, { port: free })).stop();
    await taken.stop(1000);
  }));

test("what is prepared is there before the home says that a server answers", () =>
  inHome(async (home) => {
    let said: boolean | undefined;
    const server = await start(home, {
      prepare: () => {
        said = existsSync(join(home, "server.json"));
        return Promise.resolve();
      },
    });
    assert.equal(said, false);
    await server.stop();
  }));
