/**
 * What an engine refuses, or takes away: each ends its run within seconds, in the right state, with the engine's reason; the agent
 * lives on, and the next run works.
 *
 * @module
 */

import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { BINARY, dockerFlow, until, World } from "./support.ts";

const BUSYBOX = "/bin/busybox";

/** An image of busybox alone. */
async function image(changes: string[]): Promise<{ name: string } & AsyncDisposable> {
  needsEngine();
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/refused", tag = crypto.randomUUID().slice(0, 8);
  const files = [{ path: "bin", type: "directory" as const }, { path: "bin/busybox", file: BUSYBOX, mode: 0o755 }];
  const options = { repo, tag, changes: ["LABEL dev.flowctl.test=1", ...changes] };
  await followProgress(docker.importImage(tarOf(files), options));
  return {
    name: `${repo}:${tag}`,
    async [Symbol.asyncDispose]() {
      await docker.getImage(`${repo}:${tag}`).remove({ force: true });
      docker.close();
    },
  };
}

/** A run's end may take so long after its beginning, on a machine that does other things too. */
const SECONDS = 20;

test("what an engine refuses is Failed within seconds with its words, nothing is left, and the next run works", async () => {
  await using absent = await image(['ENTRYPOINT ["/no/such/program"]']);
  await using world = new World();
  const server = await world.server();
  const own = (name: string, more = "") => `image: "${name}", imagePullPolicy: "Never"${more}`;
  const cases: [name: string, options: string, message: RegExp][] = [
    [
      "unknown-image",
      `image: "127.0.0.1:1/nobody/nothing:1"`,
      /^Submission failed: Cannot pull image "127\.0\.0\.1:1\/nobody\/nothing:1": the engine says ".*refused/,
    ],
    [
      "missing-network",
      `networks: ["nobody-made-it"]`,
      /^Submission failed: Cannot use network "nobody-made-it": the engine has .*docker network create nobody-made-it/,
    ],
    [
      "no-entrypoint",
      own(absent.name, `, command: ["x"]`),
      /^Command ended with exit code 127\n.*\/no\/such\/program.*No such file or directory/,
    ],
    [
      "no-volume-driver",
      `createOptions: { HostConfig: { VolumeDriver: "no-such-driver", Binds: ["data:/x"] } }`,
      /no-such-driver/,
    ],
  ];
  for (const [name, options, message] of cases) {
    world.file(`${name}.ts`, dockerFlow(name, "", options));
    await world.ok(["deployment", "create", `./${name}.ts`]);
    const run = await world.createRun(`${name}/d`);
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "FAILED", name);
    assert.match(done.state!.message!, message);
    const tookMs = Date.parse(done.state!.timestamp) - Date.parse(done.created!);
    assert.ok(tookMs < SECONDS * 1000, `${name} took ${tookMs} ms`);
    // Where the engine's init is the first process, it is that one that finds no program.
    const left = (await world.containers(run.id)).filter(({ State }) => State !== "exited" || name !== "no-entrypoint");
    assert.deepEqual(left, [], name);
  }
  world.file("next.ts", dockerFlow("next", ""));
  await world.ok(["deployment", "create", "./next.ts"]);
  const next = await world.createRun("next/d");
  assert.equal((await world.finished(server.url, next.id)).state_type, "COMPLETED");
  assert.equal(server.child.exitCode, null);
});

test("a container's name that somebody else has is not taken from them: the run's gets a number", async () => {
  await using other = await image([]);
  await using world = new World();
  const docker = await world.docker;
  world.file("named.ts", dockerFlow("named", ""));
  await world.ok(["deployment", "create", "./named.ts"]);
  // Scheduled for later, so that its name is known before it is started.
  const server = await world.server(["--no-agent"]);
  const run = await world.createRun("named/d");
  const taken = await docker.createContainer({
    name: run.name,
    Image: other.name,
    Cmd: ["/bin/busybox"],
    Labels: { "dev.flowctl.test": "1" },
  });
  try {
    world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${server.url}/api` } });
    const done = await world.finished(server.url, run.id);
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    assert.deepEqual((await world.containers(run.id)).map(({ Names }) => Names[0]), [`/${run.name}-1`]);
    assert.equal((await taken.inspect()).State.Status, "created");
  } finally {
    await taken.remove({ force: true });
  }
});

test("a container that is removed by hand, and one that is killed for memory, are Crashed within seconds, and the next run works", async () => {
  needsEngine();
  await using world = new World();
  const stays = `  console.log("up");\n  await new Promise(() => setInterval(() => {}, 1000));`;
  const hungry = `  const kept: Uint8Array[] = [];\n  for (;;) kept.push(new Uint8Array(8 << 20).fill(1));`;
  world.file("removed.ts", dockerFlow("removed", stays));
  world.file("hungry.ts", dockerFlow("hungry", hungry, `memory: "160m"`));
  world.file("next.ts", dockerFlow("next", ""));
  for (const name of ["removed", "hungry", "next"]) await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server();
  const removed = await world.createRun("removed/d");
  await until("the flow is up", async () => (await world.messages(server.url, removed.id)).includes("up"));
  const [container] = await world.containers(removed.id);
  const at = Date.now();
  await (await world.docker).getContainer(container.Id).remove({ force: true });
  const gone = await world.finished(server.url, removed.id);
  assert.equal(gone.state_type, "CRASHED");
  assert.match(gone.state!.message!, /^Container ended without telling how: it was removed|exit code 137/);
  assert.ok(Date.parse(gone.state!.timestamp) - at < SECONDS * 1000);
  const killed = await world.finished(server.url, (await world.createRun("hungry/d")).id);
  assert.equal(killed.state_type, "CRASHED");
  assert.match(killed.state!.message!, /^Container ran out of memory and was killed: exit code 137/);
  const next = await world.createRun("next/d");
  assert.equal((await world.finished(server.url, next.id)).state_type, "COMPLETED");
});

test("an agent whose user may not use the engine's socket says which group may, and goes on with other runs", async () => {
  const socket = "/var/run/docker.sock";
  if (process.getuid?.() !== 0 || process.env.DOCKER_HOST) {
    skip("Only root can become another user, on the local socket");
  }
  for (let folder = dirname(BINARY); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) skip("Other users do not reach the binary");
  }
  if (!existsSync(socket)) skip("There is no socket of an engine");
  const { gid, mode } = statSync(socket);
  if (gid === 0 || (mode & 0o006) !== 0) skip("The engine's socket has no group of its own");
  await using world = new World(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY]);
  for (const folder of [world.root, world.work]) chmodSync(folder, 0o777);
  mkdirSync(world.home, { mode: 0o700 });
  chownSync(world.home, 65534, 65534);
  world.file("docker.ts", dockerFlow("docker", ""));
  world.file(
    "sub.ts",
    `import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
new DeploymentSpec({ name: "d", flow: flow("sub", () => {}), flowRunner: new SubprocessFlowRunner() });
`,
  );
  for (const name of ["docker", "sub"]) await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server();
  const waiting = await world.createRun("docker/d");
  await server.prints(
    /WARNING - flowctl\.Agent \| Cannot .*: this user may not use the Docker Engine at ".*docker\.sock" \(Add the user to the group "\S+" \(as root: usermod -aG \S+ USER\), then log in again\)/,
  );
  const other = await world.createRun("sub/d");
  assert.equal((await world.finished(server.url, other.id)).state_type, "COMPLETED");
  assert.equal((await world.client(server.url).flowRuns.read(waiting.id)).state_type, "SCHEDULED");
});
