import assert from "node:assert/strict";
import { stoppedBy } from "../../../src/cli/exit.ts";
import type { AgentOptions, ServerOptions } from "../../../src/cli/parts.ts";
import { FlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";
import { cli } from "../support.ts";

/** A server and an agent that do nothing but say what they were given; the program is stopped as soon as the agent runs. */
function stage(signal: "SIGINT" | "SIGTERM" = "SIGINT") {
  const controller = new AbortController();
  const told: { server?: ServerOptions; agent?: AgentOptions; events: string[] } = { events: [] };
  const stop = () => controller.abort(stoppedBy(signal));
  const fetch = () => Promise.resolve(new Response("true"));
  const parts = {
    startServer: (options: ServerOptions) => {
      told.server = options;
      // Stops a program without an agent once it has said everything.
      setTimeout(stop);
      const stopped = () => (told.events.push("server stopped"), Promise.resolve());
      const url = `http://127.0.0.1:${options.port}`;
      const isExposed = options.host === "0.0.0.0";
      const server = { url, uiUrl: url, isExposed, isLoopbackTrusted: true, fetch, stop: stopped };
      return Promise.resolve(isExposed ? { ...server, firstToken: "fct_first" } : server);
    },
    runAgent: async (options: AgentOptions) => {
      told.agent = options;
      options.onChecked?.();
      options.onStarted?.();
      options.log.info("Submitted flow run 'heavy-parakeet'");
      stop();
      await Promise.resolve();
      told.events.push("agent stopped");
    },
  };
  return { told, parts, signal: controller.signal, fetch, stop };
}

test("the server says where its page, its reference and its API are, and stops cleanly with 0", async () => {
  const { told, parts, signal, fetch } = stage();
  const { code, stdout, stderr } = await cli(["orion", "start"], { parts, signal });
  assert.equal(code, 0);
  const lines = stdout.split("\n").map((line) => line.trim());
  for (
    const line of [
      "Starting Orion API server...",
      "Check out the page at http://127.0.0.1:4200",
      "View the API reference at http://127.0.0.1:4200/docs",
      "export FLOWCTL_API_URL=http://127.0.0.1:4200/api",
      "Requests from this machine are trusted; with FLOWCTL_AUTH_LOOPBACK=require they need a token",
      "Starting agent...",
      "Stopping Orion API server...",
      "Orion stopped!",
    ]
  ) assert(lines.includes(line), line);
  assert.equal(stderr, "[2026-11-21 22:33:58+0000] INFO - flowctl.Agent | Submitted flow run 'heavy-parakeet'\n");
  assert.equal(told.agent?.upstream, fetch);
  assert.equal(told.agent?.isEphemeral, false);
  assert.deepEqual(told.events, ["agent stopped", "server stopped"]);
});

test("a server that others reach shows its first token on its own output, and not in its log", async () => {
  const { parts, signal } = stage();
  const { stdout, stderr } = await cli(["orion", "start", "--host", "0.0.0.0", "--no-agent"], { parts, signal });
  assert.match(stdout, /The first ADMIN token, which is shown only this once: fct_first\n/);
  assert.doesNotMatch(stderr, /fct_/);
});

test("options of the server reach it", async () => {
  const { told, parts, signal } = stage("SIGTERM");
  const given = ["--host", "::1", "--port", "0", "--no-agent", "--no-services", "--no-ui", "--log-level", "warning"];
  const { code, stdout } = await cli(["orion", "start", ...given], { parts, signal });
  assert.equal(code, 0);
  const { host, port, services, ui } = told.server!;
  assert.deepEqual({ host, port, services, ui }, { host: "::1", port: 0, services: false, ui: false });
  assert.equal(told.agent, undefined);
  assert.match(stdout, /The page is switched off by --no-ui/);
});

test("a server that can't start is one sentence and non-zero", async () => {
  const parts = {
    startServer: () =>
      Promise.reject(new FlowctlError("conflict", 'Cannot listen on "127.0.0.1:4200": the port is in use')),
  };
  const { code, stderr } = await cli(["orion", "start"], { parts });
  assert.deepEqual({ code, stderr }, {
    code: 5,
    stderr: 'Error: Cannot listen on "127.0.0.1:4200": the port is in use\n',
  });
});

test("an agent that fails leaves the server running, and says why", async () => {
  const { parts, signal } = stage();
  const runAgent = () =>
    Promise.reject(new FlowctlError("conflict", "Cannot start the agent: another one runs on this home"));
  const { code, stderr } = await cli(["orion", "start"], { parts: { ...parts, runAgent }, signal });
  assert.equal(code, 0);
  assert.match(
    stderr,
    /ERROR - flowctl\.Agent \| The agent stopped: Cannot start the agent: another one runs on this home/,
  );
});

for (const [options, why] of [[["--port", "65536"], "port"], [["--log-level", "loud"], "log level"]] as const) {
  test(`a wrong ${why} is wrong usage`, async () => {
    assert.equal((await cli(["orion", "start", ...options])).code, 2);
  });
}

test("an agent says which API it serves, and that it stopped", async () => {
  const { parts, signal } = stage();
  const { code, stdout } = await cli(["agent", "start"], { parts, signal });
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    "Starting agent connected to http://127.0.0.1:4200/api...",
    "Agent started! Checking for flow runs...",
    "Agent stopped!",
    "",
  ]);
});

test("an agent without an API says that it runs an ephemeral one", async () => {
  const { told, parts, signal } = stage();
  const { stdout } = await cli(["agent", "start"], { parts, signal, mode: "ephemeral" });
  assert.match(stdout, /^Starting agent with ephemeral API\.\.\.\n/);
  assert.equal(told.agent?.isEphemeral, true);
});

test("options of the agent reach it", async () => {
  const { told, parts, signal } = stage();
  const given = "--no-pull --base-url tcp://engine:2375 --name a1 --limit 4 -l gpu --label linux --show-flow-logs";
  await cli(["agent", "start", ...given.split(" "), "--allow", "privileged"], { parts, signal });
  const { pull, baseUrl, name, limit, labels, showFlowLogs, allow } = told.agent!;
  assert.deepEqual({ pull, baseUrl, name, limit, labels, showFlowLogs, allow }, {
    pull: false,
    baseUrl: "tcp://engine:2375",
    name: "a1",
    limit: 4,
    labels: ["gpu", "linux"],
    showFlowLogs: true,
    allow: ["privileged"],
  });
});

test("what an agent may not allow is wrong usage", async () => {
  const { code, stderr } = await cli(["agent", "start", "--allow", "everything"]);
  assert.equal(code, 2);
  assert.match(stderr, /^Error: Cannot allow "everything": it is not one of privileged, /);
});

test("an agent that can't start is non-zero", async () => {
  const runAgent = () => Promise.reject(new FlowctlError("unavailable", "Cannot reach the API"));
  assert.equal((await cli(["agent", "start"], { parts: { runAgent } })).code, 4);
});
