import assert from "node:assert/strict";
import { stoppedBy } from "../../../src/cli/exit.ts";
import type { Parts, ServerOptions } from "../../../src/cli/parts.ts";
import { FlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";
import { cli } from "../support.ts";

const SERVER = {
  url: "http://127.0.0.1:4200",
  uiUrl: "http://127.0.0.1:8080",
  isExposed: false,
  isLoopbackTrusted: true,
  fetch: () => Promise.reject(new Error("not used")),
};

/** A server that does nothing but say what it was given; the program is stopped as soon as it runs. */
function stage(over: Partial<Parts> = {}) {
  const controller = new AbortController();
  const told: { server?: ServerOptions; events: string[] } = { events: [] };
  const parts: Partial<Parts> = {
    async startServer(options) {
      told.server = options;
      await options.prepare?.();
      told.events.push("started");
      setTimeout(() => controller.abort(stoppedBy("SIGINT")));
      return { ...SERVER, stop: () => Promise.resolve(void told.events.push("stopped")) };
    },
    openServerNetwork: () => {
      told.events.push("network opened");
      return Promise.resolve({ name: "flowctl-server", outcome: "created" });
    },
    closeServerNetwork: () => {
      told.events.push("network closed");
      return Promise.resolve({ name: "flowctl-server", outcome: "removed" });
    },
    ...over,
  };
  return { told, run: (line: string) => cli(line.split(" "), { parts, signal: controller.signal }) };
}

test("server start shows the art, the page on 8080 and the API on 4200, and has no agent", async () => {
  const { told, run } = stage();
  const { code, stdout, stderr } = await run("server start");
  assert.equal(code, 0);
  assert.match(stdout, /WELCOME TO\n\n +___ _ +_____/);
  assert.match(stdout, /^Visit http:\/\/localhost:8080 to get started$/m);
  assert.match(stdout, /^The API is at http:\/\/localhost:4200\/api, its reference at http:\/\/localhost:4200\/docs$/m);
  const { host, port, uiPort, ui, services, expose } = told.server!;
  assert.deepEqual([host, port, uiPort, ui, services, expose], ["127.0.0.1", 4200, 8080, true, true, undefined]);
  assert.match(stderr, /Created network 'flowctl-server'/);
});

test("the network is made before the server says that it is there, and goes after it", async () => {
  const { told, run } = stage();
  await run("server start");
  assert.deepEqual(told.events, ["network opened", "started", "stopped", "network closed"]);
});

test("a server without an engine runs all the same, and says why it has no network", async () => {
  const away = () => Promise.reject(new FlowctlError("unavailable", "Cannot reach the Docker Engine: no answer"));
  const { run } = stage({ openServerNetwork: away, closeServerNetwork: away });
  const { code, stderr } = await run("server start");
  assert.equal(code, 0);
  assert.match(stderr, /WARNING .* No network was made for containers: Cannot reach the Docker Engine: no answer\n$/);
});

test("options reach the server: --expose, both ports, --no-ui; --hide-welcome leaves the art away", async () => {
  const { told, run } = stage();
  const { stdout } = await run("server start --expose --server-port 4300 --ui-port 8300 --no-ui --hide-welcome");
  const { port, uiPort, ui, expose } = told.server!;
  assert.deepEqual([port, uiPort, ui, expose], [4300, 8300, false, true]);
  assert.doesNotMatch(stdout, /WELCOME|___/);
  assert.match(stdout, /The page is switched off by --no-ui/);
});

test("--detach starts the same server on its own, and shows what its user must know", async () => {
  let given: string[] = [];
  const startDetached: Parts["startDetached"] = ({ args }) => {
    given = args;
    const lines = ["The first ADMIN token, which is shown only this once: fct_x"];
    return Promise.resolve({ url: SERVER.url, ui_url: SERVER.uiUrl, lines, pid: 42, log: "/h/server.log" });
  };
  const { run } = stage({ startDetached });
  const { code, stdout } = await run("server start -d --expose --ui-port 8300 -u --log-level debug");
  assert.equal(code, 0);
  assert.equal(
    given.join(" "),
    "server start --server-port 4200 --ui-port 8300 --expose --no-ui --log-level DEBUG",
  );
  assert.match(stdout, /WELCOME TO/);
  assert.match(stdout, /only this once: fct_x\nThe server runs as process 42, its log is \/h\/server\.log\n/);
});

test("PostgreSQL is refused in one sentence that names SQLite and repeats no password", async () => {
  for (const command of ["start", "config"]) {
    const { code, stdout, stderr } = await stage().run(`server ${command} --postgres-url postgres://u:pw@host/db`);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^Error: Cannot use --postgres-url: .*not supported yet.*SQLite.*\nHint: /);
    assert.doesNotMatch(stderr, /pw/);
  }
});

test("server stop says which server it stopped, and that none runs with 0", async () => {
  const found = { pid: 42, url: SERVER.url, instance: "i" };
  const stopped = await stage({ stopServer: () => Promise.resolve(found) }).run("server stop");
  assert.deepEqual([stopped.code, stopped.stdout], [
    0,
    "Stopped the server at http://127.0.0.1:4200, process 42\nRemoved network 'flowctl-server'\n",
  ]);
  const absent = { name: "flowctl-server", outcome: "absent" as const };
  const none = await stage({
    stopServer: () => Promise.resolve(undefined),
    closeServerNetwork: () => Promise.resolve(absent),
  }).run("server stop");
  assert.equal(none.code, 0);
  assert.match(none.stdout, /^No server runs on home ".*"\n$/);
});

test("trap 21: a server that does not stop is a failure", async () => {
  const stopServer = () => Promise.reject(new FlowctlError("timeout", "Cannot stop the server: it does not end"));
  assert.equal((await stage({ stopServer }).run("server stop")).code, 4);
});

test("server config prints what start would use, with the same options, as YAML or JSON", async () => {
  const { run } = stage();
  const config = JSON.parse((await run("server config --expose --server-port 4300 --no-ui -o json")).stdout);
  assert.deepEqual([config.host, config.server_port, config.ui_port, config.network], [
    "0.0.0.0",
    4300,
    null,
    "flowctl-server",
  ]);
  assert.equal(config.settings.FLOWCTL_API_KEY, "none");
  assert.match((await run("server config")).stdout, /^server_port: 4200$/m);
});

test("the tenant that scripts create is there; another one can't be", async () => {
  const { run } = stage();
  const there = await run("server create-tenant --name default --slug default");
  assert.equal(there.code, 0);
  assert.match(there.stdout, /Tenant 'default' is there already/);
  const other = await run("server create-tenant -n mine");
  assert.equal(other.code, 1);
  assert.match(other.stderr, /Hint: .*flowctl create project/);
});
