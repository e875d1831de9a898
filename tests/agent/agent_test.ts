/**
 * What an agent makes of a run in Docker.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Docker } from "../../src/docker/client.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { test } from "../testing/test.ts";
import { TestAgent, until } from "./agent_api.ts";

const DOCKER = { type: "docker" as const, config: {} };

test("a claimed run becomes a container named after it, whose socket leads to the API with the lease's token", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  const { options } = container;
  assert.equal(options.Image, "flowctl/flowctl:0.1.0-bun1.4");
  assert.equal(options.Labels!["dev.flowctl.flow-run-id"], run.id);
  assert.ok(options.Env!.includes("FLOWCTL_API_URL=unix:///.flowctl-run/api.sock"));
  await until("the lease knows its container", () => lease.infrastructure_pid === `docker://${container.id}`);

  const folder = options.HostConfig!.Mounts!.find(({ Target }) => Target === "/.flowctl-run")!.Source!;
  const fetch = createNodeFetch({ socketPath: join(folder, "api.sock"), keepAlive: false });
  const response = await fetch(`http://localhost/api/flow_runs/${run.id}/set_state`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-flowctl-lease": "forged" },
    body: JSON.stringify({ state: { type: "COMPLETED" } }),
  });
  assert.equal(response.status, 201);
  await response.text();
  const said = agent.api.fenced.filter(({ path }) => path.endsWith("set_state"));
  assert.deepEqual(said.map(({ token }) => token), ["token-of-heavy-parakeet"]);

  agent.engine.die(container.id);
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "COMPLETED");
  assert.ok(agent.engine.containers.has(container.id), "finished containers are kept");
  const says = agent.lines.map((line) => line.replace(/^.* \| /, ""));
  assert.ok(says.includes("Submitting flow run 'heavy-parakeet'"));
  assert.ok(says.some((line) => line.startsWith("Created container 'heavy-parakeet'")));
  assert.ok(says.includes("Completed submission of flow run 'heavy-parakeet'"));
  assert.ok(says.includes("Flow run 'heavy-parakeet' Completed"));
});

test("a run's name can't write lines of its own into the agent's log", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit({ type: "docker", config: { privileged: true } }, {
    name: "x\n[now] INFO - fake",
  });
  await agent.released(lease);
  assert.ok(agent.lines.some((line) => line.includes("'x [now] INFO - fake'")));
  assert.ok(agent.lines.every((line) => !line.includes("\n")));
});

test("the agent says that it started when it holds its home and the API knows it, and only then", async () => {
  const started: string[] = [];
  await using agent = new TestAgent({ onStarted: () => started.push("started") });
  agent.api.isDown = true;
  agent.start();
  await until("it was told that nobody answers", () => agent.lines.some((line) => line.includes("Trying again")));
  assert.deepEqual(started, []);
  agent.api.isDown = false;
  await until("it started", () => started.length === 1);
});

test("an engine that first answers while the agent makes itself known is told to the API all the same", async () => {
  await using agent = new TestAgent();
  let isOpen = false;
  const fetch: typeof agent.engine.fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    if (path.endsWith("/info")) await until("the API knows the agent", () => agent.api.registered.length > 0);
    const answer = await agent.engine.fetch(input, init);
    isOpen ||= path.endsWith("/events");
    return answer;
  };
  agent.api.beforeLeases = async () => {
    await until("the engine tells of its events", () => isOpen);
    // The runner hears of it now, before anybody listens to the runner.
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  agent.start({ docker: new Docker({ fetch }) });
  const last = await until("the API knows the engine", () => agent.api.registered.find(({ engine_id }) => engine_id));
  assert.equal(agent.api.registered[0].engine_id, undefined);
  assert.deepEqual([last.engine_id, last.engine?.version], ["FAKE", "20.10.24"]);
});

test("a second run of one name gets a container with a number, a third the next", async () => {
  await using agent = new TestAgent().start();
  agent.api.submit(DOCKER);
  await agent.running();
  agent.api.submit(DOCKER);
  await agent.running("heavy-parakeet-1");
  agent.api.submit(DOCKER);
  await agent.running("heavy-parakeet-2");
});

test("a container that ends without a final state makes its run Crashed, with exit code and last lines", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  agent.engine.print(id, "something went wrong");
  agent.engine.die(id, { exitCode: 3 });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.equal(agent.api.messageOf(run), "Container ended with exit code 3\nsomething went wrong");
});

test("a container that was killed for memory says so in its run's state", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  agent.engine.die((await agent.running()).id, { oom: true });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /ran out of memory.*137/);
});

test("a container that was killed for memory says so also when the engine learns of it after its end", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit({ type: "docker", config: { memory: "16m" } });
  agent.engine.die((await agent.running()).id, { oom: "late" });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.match(agent.api.messageOf(run), /ran out of memory.*137/);
});

test("a container with a memory limit that somebody killed did not run out of memory", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit({ type: "docker", config: { memory: "16m" } });
  agent.engine.die((await agent.running()).id, { exitCode: 137 });
  await agent.released(lease);
  assert.match(agent.api.messageOf(run), /exit code 137 \(SIGKILL\)/);
});

test("a container that is removed by hand makes its run Crashed", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const { id } = await agent.running();
  // Only the removal is told, as when the end was missed.
  agent.engine.containers.delete(id);
  agent.engine.emit(
    "container",
    "destroy",
    id,
    agent.engine.containers.get(id)?.options.Labels ?? {
      "dev.flowctl.installation":
        JSON.parse((await import("node:fs")).readFileSync(join(agent.home, "agent.json"), "utf8"))
          .installation,
    },
  );
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.match(agent.api.messageOf(run), /removed/);
});

test("lines without a mark become records, marked ones only after a crash, under the SDK's keys", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit(DOCKER, { attempt: 2 });
  const { id } = await agent.running();
  agent.engine.print(id, "raw \u001b[31mred");
  agent.engine.print(id, "[2026-11-21 22:33:58+0000] ERROR - my.logger | undelivered\u001b_fc7\u001b\\");
  await until("the raw line arrived", () => agent.api.api.logs.length === 1);
  await until("both lines were shown", () => agent.printed.length === 2);
  assert.deepEqual(agent.printed[0], "raw red");
  agent.engine.die(id, { exitCode: 1 });
  await agent.released(lease);
  const [raw, marked] = agent.api.api.logs;
  assert.match(raw.key!, /^2:c2026-11-2\dT[\d:.]+Z:0$/);
  assert.equal(raw.message, "raw \u001b[31mred");
  assert.deepEqual([marked.key, marked.level, marked.name, marked.message], ["2:s7", 40, "my.logger", "undelivered"]);
});

test("cancelling a running run stops its container and makes it Cancelled", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  await agent.api.cancel(run);
  await agent.released(lease);
  assert.deepEqual(container.signals, ["SIGTERM"]);
  assert.equal(agent.api.stateOf(run), "CANCELLED");
  assert.equal(agent.api.messageOf(run), "Flow run was cancelled.");
});

test("cancelling a run whose image is being pulled ends the pull, and nothing is created", async () => {
  await using agent = new TestAgent().start();
  agent.engine.failNext("POST /images/create", "hang");
  const { run, lease } = agent.api.submit({ type: "docker", config: { image: "registry:5000/app" } });
  await until("the pull began", () => agent.engine.requests.some(({ path }) => path === "/images/create"));
  await agent.api.cancel(run);
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CANCELLED");
  assert.equal(agent.engine.containers.size, 0);
});

test("what the engine refuses makes the run Failed with the engine's reason", async () => {
  await using agent = new TestAgent().start();
  agent.engine.failNext(/POST .*start/, { status: 400, message: "no such command" });
  const { run, lease } = agent.api.submit(DOCKER);
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "FAILED");
  assert.match(agent.api.messageOf(run), /no such command/);
  assert.equal(agent.engine.containers.size, 0);
});

test("an option that the agent does not allow makes the run Failed and is named", async () => {
  await using agent = new TestAgent().start();
  const { run, lease } = agent.api.submit({ type: "docker", config: { privileged: true } });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "FAILED");
  assert.match(agent.api.messageOf(run), /"privileged".*--allow privileged/);
  assert.equal(agent.engine.requests.filter(({ path }) => path === "/containers/create").length, 0);
});

test("an agent whose API ends with it starts nothing in Docker and says what to set", async () => {
  await using agent = new TestAgent({ isEphemeral: true }).start();
  const { run, lease } = agent.api.submit(DOCKER);
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "FAILED");
  assert.match(agent.api.messageOf(run), /ephemeral.*FLOWCTL_API_URL/);
  assert.equal(agent.engine.containers.size, 0);
});

test("a command runs instead of the flow, and the run follows its exit code", async () => {
  await using agent = new TestAgent().start();
  const config = { image: "busybox:latest", image_pull_policy: "Never" as const, command: ["sh", "-c", "exit 4"] };
  const { run, lease } = agent.api.submit({ type: "docker", config });
  const { id, options } = await agent.running();
  assert.deepEqual(options.Cmd, ["sh", "-c", "exit 4"]);
  await until("the run is Running", () => agent.api.stateOf(run) === "RUNNING");
  agent.engine.die(id, { exitCode: 4 });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "FAILED");
  assert.match(agent.api.messageOf(run), /exit code 4/);
});

test("an agent with a limit holds no more runs, and takes the next one as soon as one has ended", async () => {
  await using agent = new TestAgent({ limit: 1 }).start();
  agent.api.submit(DOCKER, { name: "one" });
  agent.api.submit(DOCKER, { name: "two" });
  const first = await agent.running("one");
  await until("the agent asks for cancellations only", () => agent.api.claims.at(-1)?.slots === 0);
  assert.equal(agent.engine.containers.size, 1);
  agent.engine.die(first.id);
  await agent.running("two");
});

test("a container with auto_remove is removed once it was read, never by the engine", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit({ type: "docker", config: { auto_remove: true } });
  const { id, options } = await agent.running();
  assert.equal(options.HostConfig!.AutoRemove, false);
  agent.engine.print(id, "last words");
  agent.engine.die(id, { exitCode: 1 });
  await agent.released(lease);
  await until("the container is gone", () => !agent.engine.containers.has(id));
  assert.equal(agent.api.api.logs[0].message, "last words");
});

test("a lease that was lost ends its container and leaves its run alone", async () => {
  const ticks: (() => void)[] = [];
  const clock = {
    now: () => Temporal.Now.instant(),
    // The heartbeat beats when the test says so.
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = ms < 5000 ? setTimeout(resolve, 1) : undefined;
        if (ms === 10_000) ticks.push(resolve);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      }),
  };
  await using agent = new TestAgent({ clock }).start();
  const { run, lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  await until("the lease is started", () => lease.started);
  agent.api.lost.add(lease.id);
  await until("the agent waits to beat", () => ticks.length > 0);
  ticks.splice(0).forEach((tick) => tick());
  await until("the container has ended", () => container.status === "exited");
  await until("the way to the API is gone", () => agent.lines.some((line) => line.includes("Lost the lease")));
  assert.deepEqual(container.signals, ["SIGTERM"]);
  assert.equal(agent.api.stateOf(run), "PENDING");
});
