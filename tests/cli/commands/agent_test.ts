/**
 * Docker agents and `agent ls`, `inspect`, `delete`, over parts that do nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentOptions, Parts } from "../../../src/cli/parts.ts";
import type { AgentStatus } from "../../../src/domain/agents.ts";
import { FlowctlError } from "../../../src/support/errors.ts";
import { testFolder } from "../../testing/files.ts";
import { test } from "../../testing/test.ts";
import { aFlowRun, cli, type CliOptions, fakeApi, idOf } from "../support.ts";

/** Runs the program with an agent that ends at once; answers what it was given, and with which environment the API was found. */
async function given(args: string[], options: CliOptions = {}) {
  let agent: AgentOptions | undefined;
  let connectedWith: Record<string, string | undefined> = {};
  const connect: Parts["connect"] = ({ env }) => {
    connectedWith = env;
    const address = env.FLOWCTL_API_URL ?? "http://127.0.0.1:4200/api";
    return Promise.resolve({
      client: {} as never,
      fetch: fetch,
      mode: "remote",
      address,
      close: () => Promise.resolve(),
    });
  };
  const runAgent = (options: AgentOptions) => {
    agent = options;
    options.onChecked?.();
    options.onStarted?.();
    return Promise.resolve();
  };
  const result = await cli(args, { ...options, parts: { connect, runAgent, ...options.parts } });
  return { ...result, agent, connectedWith };
}

for (const words of ["agent docker start", "agent start docker"]) {
  test(`"${words}" shows the art and the lines of a Docker agent, and wants an engine`, async () => {
    const { code, stdout, stderr, agent } = await given([...words.split(" "), "-l", "b", "-l", "a", "-l", "b"]);
    assert.equal(code, 0);
    assert.ok(stdout.includes(String.raw`\___|\__|_|   /_/   \_\__, |\___|_| |_|\__|`));
    assert.deepEqual(stderr.trimEnd().split("\n").map((line) => line.slice("[2026-11-21 22:33:58+0000] ".length)), [
      "INFO - flowctl.Agent | Starting DockerAgent with labels ['a', 'b']",
      "INFO - flowctl.Agent | Agent documentation can be found with: flowctl agent docker start --help",
      "INFO - flowctl.Agent | Agent successfully connected to the API at http://127.0.0.1:4200/api",
      "INFO - flowctl.Agent | Waiting for flow runs...",
    ]);
    assert.deepEqual([agent?.requireEngine, agent?.labels], [true, ["a", "b"]]);
  });
}

test("a plain agent starts without an engine", async () => {
  assert.equal((await given(["agent", "start"])).agent?.requireEngine, false);
});

test("an unknown kind of agent is wrong usage", async () => {
  assert.equal((await cli(["agent", "start", "kubernetes"])).code, 2);
});

test("trap 3: a missing engine is one sentence and non-zero, without art", async () => {
  const runAgent = () =>
    Promise.reject(new FlowctlError("unavailable", 'Cannot start the Docker agent: no Docker Engine answers at "x"'));
  const { code, stdout, stderr } = await given(["agent", "docker", "start"], { parts: { runAgent } });
  assert.deepEqual([code, stdout, stderr], [
    4,
    "",
    'Error: Cannot start the Docker agent: no Docker Engine answers at "x"\n',
  ]);
});

test("every option of an agent reaches it", async () => {
  using folder = testFolder();
  writeFileSync(join(folder.path, "flows.env"), "A=file\nB=file\n");
  const words = "-e A=1 --env C=x=y --env-file flows.env --volume ./d:/d --volume v:/v --network n1 --network n2 " +
    "--max-polls 3 --agent-address 127.0.0.1:8081 --reg-allow-list gcr.io --reg-allow-list *.x --docker-client-timeout 7 " +
    "-f --no-pull --limit 2 -n ada -b tcp://engine:2375";
  const { agent } = await given(["agent", "docker", "start", ...words.split(" ")], { cwd: folder.path });
  const { flowEnv, volumes, networks, maxPolls, address, allowedRegistries, engineTimeout, showFlowLogs } = agent!;
  assert.deepEqual({ flowEnv, volumes, networks, maxPolls, address, allowedRegistries, engineTimeout, showFlowLogs }, {
    flowEnv: { A: "1", B: "file", C: "x=y" },
    volumes: ["./d:/d", "v:/v"],
    networks: ["n1", "n2"],
    maxPolls: 3,
    address: { hostname: "127.0.0.1", port: 8081 },
    allowedRegistries: ["gcr.io", "*.x"],
    engineTimeout: 7,
    showFlowLogs: true,
  });
  assert.deepEqual([agent!.pull, agent!.limit, agent!.name, agent!.baseUrl], [false, 2, "ada", "tcp://engine:2375"]);
});

test("an agent's token is that of -t, then the older variable, then the newer one; --api goes before the environment", async () => {
  const both = {
    FLOWCTL__CLOUD__AGENT__AUTH_TOKEN: "older",
    FLOWCTL_API_KEY: "newer",
    FLOWCTL_API_URL: "http://env/api",
  };
  const key = async (args: string[], env: Record<string, string>) =>
    (await given(["agent", "docker", "start", ...args], { env })).connectedWith.FLOWCTL_API_KEY;
  assert.equal(await key(["-t", "mine"], both), "mine");
  assert.equal(await key(["--key", "mine"], both), "mine");
  assert.equal(await key([], both), "older");
  assert.equal(await key([], { FLOWCTL_API_KEY: "newer" }), "newer");
  const { connectedWith, stderr, stdout } = await given(["agent", "start", "--api", "http://x:1/api", "-t", "hidden"], {
    env: both,
  });
  assert.equal(connectedWith.FLOWCTL_API_URL, "http://x:1/api");
  assert.doesNotMatch(stdout + stderr, /hidden|older|newer/);
});

test("trap 25: a volume that is none is told before anything starts", async () => {
  const { startAgent } = await import("../../../src/agent/start_agent.ts");
  const runAgent = (options: AgentOptions) => startAgent(options);
  for (const volume of ["data", "a b:/c", "/a:b"]) {
    const { code, stderr } = await given(["agent", "docker", "start", "--volume", volume], { parts: { runAgent } });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^Error: (Invalid volume specification|Cannot use volume)/);
  }
});

const anAgent = (over: Partial<AgentStatus> = {}): AgentStatus => ({
  id: idOf(50),
  created: "2026-11-21T22:28:58.000000+00:00",
  updated: "2026-11-21T22:28:58.000000+00:00",
  name: "ada",
  labels: ["docker_flows", "gpu"],
  runners: ["docker", "subprocess"],
  limit: null,
  version: "0.1.0",
  engine: null,
  engine_id: null,
  last_seen: "2026-11-21T22:33:53.000000+00:00",
  stopped: null,
  away: [],
  alive: true,
  ...over,
});

test("agents are listed with labels, version, last sign of life and whether they are alive", async () => {
  const agents = [anAgent(), anAgent({ id: idOf(51), name: "bob", alive: false, labels: [] })];
  const { stdout } = await cli(["agent", "ls"], { api: fakeApi({ agents }) });
  assert.match(stdout, /ada +alive +docker_flows, gpu +0\.1\.0 +5 seconds ago/);
  assert.match(stdout, /bob +not heard of/);
  const alive = await cli(["agent", "ls", "--alive", "-o", "name"], { api: fakeApi({ agents }) });
  assert.equal(alive.stdout, `${idOf(50)}\n`);
});

test("an agent is inspected and deleted by name or id; none and several are errors", async () => {
  const stopped = "2026-11-21T22:33:55.000000+00:00";
  const api = fakeApi({ agents: [anAgent(), anAgent({ id: idOf(51), name: "bob", alive: false, stopped })] });
  const { stdout } = await cli(["agent", "inspect", "bob"], { api });
  assert.match(stdout, /State: +stopped/);
  assert.equal(JSON.parse((await cli(["agent", "inspect", idOf(50), "-o", "json"], { api })).stdout).name, "ada");
  const deleted = await cli(["agent", "delete", "bob", "--yes"], { api });
  assert.deepEqual([deleted.stdout, api.calls], ["Deleted agent 'bob'\n", [`delete agent ${idOf(51)}`]]);
  assert.equal((await cli(["agent", "inspect", "eve"], { api })).code, 3);
  const twice = await cli(["agent", "delete", "0199c0de", "--yes"], { api });
  assert.deepEqual([twice.code, twice.stderr.split("\n")[0]], [
    5,
    'Error: Cannot delete agent "0199c0de": 2 agents are called so',
  ]);
});

test("trap 12: a run that waits is shown with the reason why nobody takes it", async () => {
  const message = "Agent Problem: you have no live agents";
  const command = "flowctl agent start --label gpu";
  const waiting = { [idOf(3)]: { reason: "no_agent" as const, message, hint: "Nobody lives", command, at: null } };
  const api = fakeApi({ runs: [aFlowRun("SCHEDULED"), aFlowRun("RUNNING", { id: idOf(4) })], waiting });
  const { stdout } = await cli(["flow-run", "inspect", idOf(3)], { api });
  assert.match(stdout, new RegExp(`Waits: +${message}\\n +Nobody lives\\nTry: +${command}\\n`));
  assert.doesNotMatch((await cli(["flow-run", "inspect", idOf(4)], { api })).stdout, /Waits|Try/);
});
