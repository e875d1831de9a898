/**
 * Docker agents as Prefect 1's users start them: seeds 000 and 001, every option, and the traps of the agent.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { needsEngine, test } from "../testing/test.ts";
import { deploy, labelled, LINE, waits } from "./docker_agents.ts";
import { EngineProxy } from "./engine_proxy.ts";
import { dockerFlow, until, World } from "./support.ts";

/** A network of the engine; declared before the world, for one that is in use is not removed. */
async function madeNetwork(): Promise<{ name: string } & AsyncDisposable> {
  needsEngine();
  const docker = await openDocker({ env: process.env });
  const name = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  await docker.createNetwork({ Name: name, Labels: { "dev.flowctl.test": "1" } });
  return {
    name,
    async [Symbol.asyncDispose]() {
      await docker.getNetwork(name).remove();
      docker.close();
    },
  };
}

for (const words of ["agent docker start", "agent start docker"]) {
  test(`trap 3: "${words}" without an engine is one sentence with the address tried, non-zero, and registers nothing`, async () => {
    await using world = new World();
    const server = await world.server(["--no-agent"]);
    const nowhere = `unix://${world.root}/no-engine.sock`;
    const { code, stdout, stderr } = await world.run([...words.split(" "), "--base-url", nowhere]);
    assert.deepEqual([code, stdout], [4, ""]);
    const sentence =
      `Error: Cannot start the Docker agent: no Docker Engine answers at "${nowhere}" (there is no such socket)`;
    assert.equal(stderr.split("\n")[0], sentence);
    assert.equal(stderr.trim().split("\n").length, 2, stderr);
    assert.deepEqual(await world.client(server.url).agents.list(), []);
  });
}

test("an engine is looked for at --base-url, then DOCKER_HOST, then the docker context", async () => {
  await using world = new World();
  const id = createHash("sha256").update("build").digest("hex");
  const Host = "unix:///of/context.sock";
  world.file(
    `../.docker/contexts/meta/${id}/meta.json`,
    JSON.stringify({ Name: "build", Endpoints: { docker: { Host } } }),
  );
  world.file("../.docker/config.json", JSON.stringify({ currentContext: "build" }));
  const tried = async (args: string[], env: Record<string, string>) => {
    const { code, stderr } = await world.run(["agent", "docker", "start", ...args], { env });
    assert.equal(code, 4, stderr);
    return /answers at "(.*?)"/.exec(stderr)?.[1];
  };
  const both = { DOCKER_HOST: "unix:///of/environment.sock" };
  assert.equal(await tried(["--base-url", "unix:///of/option.sock"], both), "unix:///of/option.sock");
  assert.equal(await tried([], both), "unix:///of/environment.sock");
  assert.equal(await tried([], { DOCKER_HOST: "" }), Host);
});

test("trap 4: an API that is down is told at once with what is tried again, and the agent goes on when it is up", async () => {
  needsEngine();
  await using world = new World();
  const first = await world.server(["--no-agent"]);
  const port = new URL(first.url).port;
  await first.stop();
  const agent = world.start(["agent", "docker", "start", "--api", `${first.url}/api`]);
  const began = Date.now();
  await agent.prints(
    /WARNING - flowctl\.Agent \| Cannot reach the API at ".*": no answer\. Trying again to make this agent known/,
  );
  assert.ok(Date.now() - began < 20_000);
  assert.doesNotMatch(agent.output(), /Waiting for flow runs/);
  await world.server(["--no-agent", "--port", port]);
  await waits(agent);
});

test("trap 24: a network that the engine lacks is told at the start, non-zero, and registers nothing", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const { code, stdout, stderr } = await world.run(["agent", "docker", "start", "--network", "nowhere"]);
  assert.deepEqual([code, stdout], [3, ""]);
  assert.match(stderr, /^Error: Cannot use network "nowhere": the engine has .*"bridge"/);
  assert.deepEqual(await world.client(server.url).agents.list(), []);
});

test("traps 1, 2, 25: seed 000's agent shows a flow's lines; network, variables and volumes reach its container, and it the API", async () => {
  await using network = await madeNetwork();
  await using world = new World();
  // Neither the port nor the address is a default one, and it listens on loopback only.
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  world.file("data/in.txt", "from a relative path");
  world.file("flows.env", "# of a file\nFROM_FILE=a=b\nMODE=slow\n");
  await deploy(
    world,
    "docker_1",
    labelled(
      "docker_1_flow",
      ["docker_flows"],
      `  const { readFileSync } = await import("node:fs");
  console.log(process.env.MODE + " " + process.env.FROM_FILE + " " + readFileSync("/data/in.txt", "utf8"));`,
    ),
  );
  const { flow_id } = await client.deployments.readByName("docker_1_flow", "d");
  const warning = async () => (await client.flows.read(flow_id)).label_warning;
  assert.equal(await warning(), "Agent Problem: you have no live agents");

  const options = ["-l", "docker_flows", "--show-flow-logs", "--network", network.name, "--api", `${server.url}/api`];
  const more = ["-e", "MODE=fast", "--env-file", "flows.env", "--volume", "./data:/data:ro", "--name", "ada"];
  const agent = world.start(["agent", "docker", "start", ...options, ...more]);
  await waits(agent);
  assert.ok(agent.stdout().includes(String.raw`\___|\__|_|   /_/   \_\__, |\___|_| |_|\__|`));
  const says = agent.output();
  for (
    const text of [
      "Starting DockerAgent with labels ['docker_flows']",
      "Agent documentation can be found with: flowctl agent docker start --help",
      `Agent successfully connected to the API at ${server.url}/api`,
      "Waiting for flow runs...",
    ]
  ) assert.match(says, new RegExp(`^${LINE}INFO - flowctl\\.Agent \\| ${text.replace(/[[\].]/g, "\\$&")}$`, "m"));
  await until("an agent would take it", async () => await warning() === null);

  const run = await world.createRun("docker_1_flow/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  await agent.prints(/Flow run SUCCESS: all reference tasks succeeded/);
  const shown = agent.stdout().split("\n").filter((line) => line.startsWith("["));
  assert.deepEqual(shown.map((line) => line.replace(new RegExp(`^${LINE}`), "")), [
    "INFO - flowctl.FlowRunner | Beginning Flow run for 'docker_1_flow'",
    "INFO - flowctl.docker_1_flow | fast a=b from a relative path",
    "INFO - flowctl.FlowRunner | Flow run SUCCESS: all reference tasks succeeded",
  ]);
  assert.match(
    agent.output(),
    new RegExp(`Flow run '${run.name}' has no Docker storage: it runs in the default image 'flowctl/flowctl:`),
  );
  const [{ Id }] = await world.containers(run.id);
  const { NetworkSettings, HostConfig } = await (await world.docker).getContainer(Id).inspect();
  assert.deepEqual(Object.keys(NetworkSettings.Networks ?? {}), [network.name]);
  assert.deepEqual(HostConfig.Binds, [`${world.work}/data:/data:ro`]);

  const listed = await world.ok(["agent", "ls"]);
  assert.match(listed, /^ada +alive +docker_flows +\d+\.\d+\.\d+/m);
  assert.equal((await world.run(["agent", "delete", "ada", "--yes"])).code, 5);
  assert.equal((await agent.stop("SIGINT")).code, 0);
  assert.equal(await warning(), "Agent Problem: you have no live agents");
  assert.match(await world.ok(["agent", "inspect", "ada"]), /State: +stopped/);
  assert.equal(await world.ok(["agent", "delete", "ada", "--yes"]), "Deleted agent 'ada'\n");
  assert.deepEqual(await client.agents.list(), []);
});

test("trap 12: runs go to the agent that has all their labels, and one that nobody takes says why", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const FLOWCTL_API_URL = `${server.url}/api`;
  const client = world.client(server.url);
  for (const [name, labels] of [["plain", []], ["gpu", ["gpu"]], ["both", ["gpu", "big"]]] as const) {
    await deploy(world, name, labelled(name, [...labels]));
  }
  const home = (name: string) => ({ FLOWCTL_HOME: join(world.root, name), FLOWCTL_API_URL });
  const start = (name: string, ...args: string[]) =>
    world.start(["agent", "docker", "start", "--name", name, ...args], { env: home(name) });
  const one = start("one", "-l", "gpu");
  const two = start("two", "-l", "gpu", "-l", "other");
  await Promise.all([waits(one), waits(two)]);
  try {
    const plain = await world.createRun("plain/d", [], { FLOWCTL_API_URL });
    const both = await world.createRun("both/d", [], { FLOWCTL_API_URL });
    const gpu = await world.createRun("gpu/d", [], { FLOWCTL_API_URL });
    assert.equal((await world.finished(server.url, gpu.id)).state_type, "COMPLETED");
    for (const { id } of [plain, both]) assert.equal((await client.flowRuns.read(id)).state_type, "SCHEDULED");
    const env = { FLOWCTL_API_URL };
    assert.match(
      await world.ok(["flow-run", "inspect", plain.id], { env }),
      /Waits: +Label Problem: it has no labels, and every live agent has some/,
    );
    assert.match(
      await world.ok(["flow-run", "inspect", both.id], { env }),
      /Waits: +Label Problem: no live agent has the label 'big'/,
    );
    const three = start("three");
    assert.equal((await world.finished(server.url, plain.id)).state_type, "COMPLETED");
    const four = start("four", "-l", "big", "-l", "gpu");
    assert.equal((await world.finished(server.url, both.id)).state_type, "COMPLETED");
    assert.match(three.output(), new RegExp(plain.name));
    assert.match(four.output(), new RegExp(both.name));
    for (const running of [three, four]) await running.stop();
  } finally {
    for (const running of [one, two]) await running.stop();
    // Their installations are others than the world's.
    const docker = await world.docker;
    for (
      const { Id, Labels } of await docker.listContainers({
        all: true,
        filters: { label: ["dev.flowctl.flow-run-id"] },
      })
    ) {
      const runs = await client.flowRuns.list({ limit: 200 });
      if (runs.some(({ id }) => id === Labels["dev.flowctl.flow-run-id"])) {
        await docker.getContainer(Id).remove({ force: true });
      }
    }
  }
});

test("traps 26 and 27: while the engine is away the agent pauses and says so, its health is false, and both come back", async () => {
  needsEngine();
  await using world = new World();
  await using proxy = new EngineProxy(join(world.root, "engine.sock"));
  await proxy.open();
  const server = await world.server(["--no-agent"]);
  await deploy(world, "hello", labelled("hello", []));
  const agent = world.start([
    ...["agent", "docker", "start", "--base-url", proxy.address],
    ...["--agent-address", "127.0.0.1:0"],
  ]);
  const [, address] = await agent.prints(/health is at (http:\S+)\/health/);
  const health = async () => {
    const answer = await fetch(`${address}/health`);
    return { status: answer.status, body: await answer.json() };
  };
  const becomes = (status: number) => until(`health is ${status}`, async () => (await health()).status === status);
  await becomes(200);
  assert.deepEqual(await health(), { status: 200, body: true });
  await proxy.cut();
  await agent.prints(/WARNING - flowctl\.Agent \| .*engine\.sock.*\. Taking Docker runs is paused until it answers/);
  assert.deepEqual(await health(), { status: 503, body: false });
  const run = await world.createRun("hello/d");
  assert.equal(agent.child.exitCode, null);
  await proxy.open();
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  await agent.prints(/The Docker Engine at ".*engine\.sock" answers: Docker runs are taken/);
  await becomes(200);
  const poked = await fetch(`${address}/poke`);
  assert.deepEqual([poked.status, await poked.json()], [200, {}]);
  await server.stop();
  await becomes(503);
});

test("trap 14: --network host is the host's network", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await deploy(world, "hello", labelled("hello", []));
  const agent = world.start(["agent", "start", "docker", "--network", "host"]);
  await waits(agent);
  const run = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  const [{ Id }] = await world.containers(run.id);
  assert.equal((await (await world.docker).getContainer(Id).inspect()).HostConfig.NetworkMode, "host");
});

test("trap 13: a container that dies before its first word to the API makes its run Crashed with its last lines", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  // The loader finds no library: flowctl itself never begins.
  const options = `createOptions: { HostConfig: { Tmpfs: { "/lib": "", "/lib64": "", "/usr": "" } } }`;
  await deploy(world, "broken", dockerFlow("broken", `  console.log("never");`, options));
  world.start(["agent", "docker", "start"]);
  const run = await world.createRun("broken/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "CRASHED");
  assert.match(done.state!.message!, /^Container ended with exit code 127\n.*\/flowctl.*No such file/);
});
