/**
 * Docker agents: how long they look for runs, what they show, who they are to the API, and agents from code.
 *
 * @module
 */

import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { needsEngine, test } from "../testing/test.ts";
import { deploy, labelled, LINE, waits } from "./docker_agents.ts";
import { dockerFlow, World } from "./support.ts";

test("an agent with --max-polls ends by itself with 0, after the runs that it took", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await deploy(world, "hello", labelled("hello", []));
  const run = await world.createRun("hello/d");
  const { code, stdout } = await world.run(["agent", "docker", "start", "--max-polls", "1", "-f"]);
  assert.equal(code, 0);
  assert.match(stdout, /flowctl\.hello \| ran$/m);
  assert.match(stdout, /Agent stopped!\n$/);
  assert.equal((await world.client(server.url).flowRuns.read(run.id)).state_type, "COMPLETED");
});

test("the lines of two runs that are shown at once bear their names", async () => {
  needsEngine();
  await using world = new World();
  await world.server(["--no-agent"]);
  await deploy(
    world,
    "patient",
    dockerFlow(
      "patient",
      `  const { existsSync } = await import("node:fs");
  console.log("up");
  while (!existsSync("/work/enough")) await new Promise((resolve) => setTimeout(resolve, 20));
  process.stdout.write("raw end\\n");`,
      `volumes: ["${world.work}:/work"]`,
      `import process from "node:process";`,
    ),
  );
  const agent = world.start(["agent", "docker", "start", "--show-flow-logs"]);
  const first = await world.createRun("patient/d");
  await agent.prints(new RegExp(`^${LINE}INFO - flowctl\\.patient \\| up$`, "m"));
  const second = await world.createRun("patient/d");
  await agent.prints(new RegExp(`^${second.name} \\| ${LINE}INFO - flowctl\\.patient \\| up$`, "m"));
  world.file("enough", "");
  await agent.prints(
    new RegExp(`^(${first.name}|${second.name}) \\| ${LINE}INFO - flowctl\\.container \\| raw end$`, "m"),
  );
});

test("an agent's token is sent as bearer token: that of -t, then of the older variable, then of the newer one", async () => {
  needsEngine();
  await using world = new World();
  const seen: string[] = [];
  const api = http.createServer((request, response) => {
    seen.push(request.headers.authorization ?? "none");
    response.writeHead(401, { "content-type": "application/json" }).end(
      '{"detail":"Who are you?","code":"unauthorized"}',
    );
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/api`;
  const both = { FLOWCTL__CLOUD__AGENT__AUTH_TOKEN: "older", FLOWCTL_API_KEY: "newer" };
  try {
    for (
      const [args, env, expected] of [
        [["-t", "given"], both, "Bearer given"],
        [["--key", "given"], both, "Bearer given"],
        [[], both, "Bearer older"],
        [[], { FLOWCTL_API_KEY: "newer" }, "Bearer newer"],
      ] as [string[], Record<string, string>, string][]
    ) {
      const { code, stdout, stderr } = await world.run(["agent", "docker", "start", "--api", url, ...args], { env });
      assert.equal(code, 6, stderr);
      assert.match(stderr, /^Error: Who are you\?$/m);
      assert.equal(seen.at(-1), expected);
      assert.doesNotMatch(stdout + stderr, /given|older|newer/);
    }
  } finally {
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
  }
});

test("a DockerAgent in a file of one's own runs flows until it is stopped", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await deploy(world, "hello", labelled("hello", ["mine"], `  console.log(process.env.MODE);`));
  world.file(
    "agent.ts",
    `import { DockerAgent } from "flowctl";
await new DockerAgent({
  labels: ["mine"], name: "of-mine", env: { MODE: "from code" }, showFlowLogs: true, noPull: true, api: "${server.url}/api",
}).start();
console.log("ended");
`,
  );
  const agent = world.start(["./agent.ts"]);
  await waits(agent);
  assert.deepEqual((await world.client(server.url).agents.list()).map(({ name, labels }) => [name, labels]), [
    ["of-mine", ["mine"]],
  ]);
  const run = await world.createRun("hello/d");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  await agent.prints(/flowctl\.hello \| from code/);
  const { code, stdout } = await agent.stop("SIGINT");
  assert.deepEqual([code, stdout.endsWith("ended\n")], [0, true]);
  world.file(
    "wrong.ts",
    `import { DockerAgent } from "flowctl";
await new DockerAgent({ baseUrl: "unix:///no/such.sock" }).start();
`,
  );
  const wrong = await world.run(["./wrong.ts"]);
  assert.equal(wrong.code, 4);
  assert.match(
    wrong.stderr,
    /^Error: Cannot start the Docker agent: no Docker Engine answers at "unix:\/\/\/no\/such\.sock"/,
  );
});

test("an agent with a RUNNER token from -t claims, reports and says that it stops, where every request needs a token", async () => {
  needsEngine();
  await using world = new World();
  await using elsewhere = new World();
  const server = await world.server(["--no-agent"], { FLOWCTL_AUTH_LOOPBACK: "require" });
  const token = (await world.ok(["auth", "create-token", "-n", "agent", "-s", "RUNNER", "-o", "name"])).trim();
  await deploy(world, "hello", labelled("hello", ["far"]));
  const args = ["agent", "docker", "start", "--api", `${server.url}/api`, "-l", "far", "--name", "far"];
  const without = await elsewhere.run(args);
  assert.equal(without.code, 6, without.stderr);
  const agent = elsewhere.start([...args, "-t", token]);
  await waits(agent);
  assert.match(await world.ok(["agent", "ls"]), /^far +alive +far/m);
  const run = await world.createRun("hello/d");
  await world.ok(["flow-run", "logs", run.id, "--follow"]);
  assert.equal(JSON.parse(await world.ok(["flow-run", "inspect", run.id, "-o", "json"])).state_type, "COMPLETED");
  const { code, stdout, stderr } = await agent.stop("SIGINT");
  assert.equal(code, 0);
  assert.ok(!(stdout + stderr).includes(token));
  assert.match(await world.ok(["agent", "ls"]), /^far +stopped/m);
});
