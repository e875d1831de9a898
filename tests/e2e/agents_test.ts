/**
 * Agents: without an API, without an engine, killed in mid-run, stopped.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { counting } from "./counting.ts";
import { dockerFlow, EXAMPLE, until, World } from "./support.ts";

test("an agent without any API fails Docker runs at once, says why, and creates nothing", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  const run = await world.createRun("my-flow/example");
  const agent = world.start(["agent", "start"]);
  await agent.prints(/ephemeral/i);
  const done = await until("the run is Failed", async () => {
    const seen = JSON.parse(await world.ok(["flow-run", "inspect", run.id, "-o", "json"]));
    return seen.state_type === "FAILED" ? seen : undefined;
  });
  assert.match(done.state.message, /ephemeral/i);
  assert.match(done.state.message, /FLOWCTL_API_URL/);
  assert.equal((await world.containers(run.id)).length, 0);
});

test("an agent without any API runs subprocesses", async () => {
  await using world = new World();
  world.file(
    "local.ts",
    dockerFlow("local", `  console.log("in a process");`).replaceAll("DockerFlowRunner", "SubprocessFlowRunner"),
  );
  await world.ok(["deployment", "create", "./local.ts"]);
  const run = await world.createRun("local/d");
  const agent = world.start(["agent", "start", "--show-flow-logs"]);
  await agent.prints(/in a process/);
  await until(
    "the run is Completed",
    async () => JSON.parse(await world.ok(["flow-run", "inspect", run.id, "-o", "json"])).state_type === "COMPLETED",
  );
  assert.equal((await agent.stop("SIGINT")).code, 0);
});

test("a standalone agent takes the runs of a server started without one", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  const server = await world.server(["--no-agent"]);
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_ORION_HOST: `${server.url}/api/` } });
  const run = await world.createRun("my-flow/example");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  await agent.prints(/Hello from Docker!/);
});

test("an agent without an engine warns once with the address tried", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const nowhere = `unix://${world.root}/no-engine.sock`;
  const agent = world.start(["agent", "start", "--base-url", nowhere], {
    env: { FLOWCTL_API_URL: `${server.url}/api` },
  });
  await agent.prints(/no-engine\.sock/);
  world.file("local.ts", dockerFlow("local", ``).replaceAll("DockerFlowRunner", "SubprocessFlowRunner"));
  await world.ok(["deployment", "create", "./local.ts"]);
  const run = await world.createRun("local/d");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  assert.equal(agent.output().match(/no-engine\.sock/g)!.length, 1);
});

test("an agent killed in mid-run and started again goes on, and no line is lost or doubled", async () => {
  await using world = new World();
  world.file("counts.ts", counting(world));
  await world.ok(["deployment", "create", "./counts.ts"]);
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  const first = world.start(["agent", "start"], { env });
  const run = await world.createRun("counts/d");
  await until("ten lines have arrived", async () => (await world.messages(server.url, run.id)).includes("line 10"));
  await first.stop("SIGKILL");
  await until("the flow goes on without its agent", async () => {
    const [container] = await world.containers(run.id);
    return container.State === "running";
  });
  world.start(["agent", "start"], { env });
  const seen = (await world.messages(server.url, run.id)).length;
  await until("lines arrive again", async () => (await world.messages(server.url, run.id)).length > seen + 20);
  world.file("enough", "");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  assert.equal((await world.containers(run.id)).length, 1);

  const messages = await until("the last line has arrived", async () => {
    const all = await world.messages(server.url, run.id);
    const last = all.find((line) => line.startsWith("last "));
    const raws = all.filter((line) => line.startsWith("raw ")).length;
    return last !== undefined && raws >= Math.ceil(Number(last.slice(5)) / 3) ? all : undefined;
  });
  const count = Number(messages.find((line) => line.startsWith("last "))!.slice(5));
  const lines = messages.filter((line) => line.startsWith("line ")).map((line) => Number(line.slice(5)));
  assert.deepEqual(lines.toSorted((a, b) => a - b), Array.from({ length: count }, (_, n) => n));
  const raws = messages.filter((line) => line.startsWith("raw ")).map((line) => Number(line.slice(4)));
  assert.deepEqual(raws.toSorted((a, b) => a - b), Array.from({ length: Math.ceil(count / 3) }, (_, n) => n * 3));
});

test("stopping the server leaves a flow's container running, and a new server goes on with it", async () => {
  await using world = new World();
  world.file(
    "patient.ts",
    dockerFlow(
      "patient",
      `  const { existsSync } = await import("node:fs");
  console.log("up");
  while (!existsSync("/work/enough")) await new Promise((resolve) => setTimeout(resolve, 20));
  return "done";`,
      `volumes: ["${world.work}:/work"]`,
    ),
  );
  await world.ok(["deployment", "create", "./patient.ts"]);
  const server = await world.server();
  const run = await world.createRun("patient/d");
  await until("the flow is up", async () => (await world.messages(server.url, run.id)).includes("up"));
  assert.equal((await server.stop("SIGTERM")).code, 0);
  const [container] = await world.containers(run.id);
  assert.equal(container.State, "running");
  const again = await world.server();
  world.file("enough", "");
  assert.equal((await world.finished(again.url, run.id)).state_type, "COMPLETED");
});
