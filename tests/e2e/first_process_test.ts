/**
 * On an engine that has no init of its own flowctl is the first process of a container.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

const BUSYBOX = "/bin/busybox";
const NAMED = /"InitBinary":"[^"]*"/;

/** The real engine, but it says that it has no init. */
async function engineWithoutInit(path: string): Promise<AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const engine = net.connect({ path: "/var/run/docker.sock", allowHalfOpen: true });
    for (const [from, to] of [[client, engine], [engine, client]]) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("end", () => to.end());
      from.on("close", () => to.destroy());
    }
    client.on("data", (chunk) => void engine.write(chunk));
    engine.on("data", (chunk: Buffer) => {
      // As many bytes as before, for the answer's length is told already.
      const text = chunk.toString("latin1").replace(NAMED, (found) => '"InitBinary":""'.padEnd(found.length));
      client.write(Buffer.from(text, "latin1"));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function busybox(): Promise<{ image: string } & AsyncDisposable> {
  needsEngine();
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/first", tag = crypto.randomUUID().slice(0, 8);
  const changes = [
    "LABEL dev.flowctl.test=1",
    "ENV PATH=/bin",
    "ENV LD_LIBRARY_PATH=/opt/lib",
    'ENTRYPOINT ["/bin/busybox","env","ADDED=by-the-entrypoint"]',
  ];
  const entries = [
    { path: "bin/busybox", file: BUSYBOX, mode: 0o755 },
    ...["sh", "sleep"].map((name) => ({ path: `bin/${name}`, type: "symlink" as const, target: "busybox" })),
  ];
  await followProgress(docker.importImage(tarOf(entries), { repo, tag, changes }));
  const image = `${repo}:${tag}`;
  return {
    image,
    async [Symbol.asyncDispose]() {
      await docker.getImage(image).remove({ force: true });
      docker.close();
    },
  };
}

const commanded = (world: World, name: string, image: string, script: string) =>
  world.file(
    `${name}.ts`,
    dockerFlow(
      name,
      ``,
      `image: "${image}", imagePullPolicy: "Never", command: ${JSON.stringify(["/bin/sh", "-c", script])}`,
    ),
  );

test("a flow that is the first process takes in what its children left behind", async () => {
  await using custom = await busybox();
  await using world = new World();
  const socket = join(world.root, "engine.sock");
  await using _engine = await engineWithoutInit(socket);
  world.file(
    "first.ts",
    dockerFlow(
      "first",
      `  const zombies = () => readdirSync("/proc").filter((pid) => /^\\d+$/.test(pid)).filter((pid) => {
    try { return readFileSync("/proc/" + pid + "/stat", "utf8").includes(") Z 1 "); } catch { return false; }
  }).length;
  console.log("first process " + process.pid);
  spawnSync("/bin/sh", ["-c", "(sleep 0.1 & sleep 0.1 &)"]);
  let most = 0;
  const end = Date.now() + 20000;
  do {
    await new Promise((resolve) => setTimeout(resolve, 20));
    most = Math.max(most, zombies());
  } while (Date.now() < end && (most < 2 || zombies() > 0));
  console.log("zombies " + most + " " + zombies());
  const { status } = spawnSync("/bin/sh", ["-c", "exit 5"]);
  console.log("own child " + status);`,
      `image: "${custom.image}", imagePullPolicy: "Never"`,
      `import process from "node:process";
import { readdirSync, readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";`,
    ),
  );
  await world.ok(["deployment", "create", "./first.ts"]);
  const server = await world.server([], { DOCKER_HOST: `unix://${socket}` });
  const run = await world.createRun("first/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const messages = await world.messages(server.url, run.id);
  for (const expected of ["first process 1", "zombies 2 0", "own child 5"]) {
    assert.ok(messages.includes(expected), messages.join("\n"));
  }
});

test("a command is started by the image's entrypoint, hears signals, and its exit code is the container's", async () => {
  await using custom = await busybox();
  await using world = new World();
  const socket = join(world.root, "engine.sock");
  await using _engine = await engineWithoutInit(socket);
  commanded(world, "code", custom.image, "echo $ADDED $LD_LIBRARY_PATH; exit 7");
  commanded(
    world,
    "signal",
    custom.image,
    "trap 'echo heard it; exit 9' TERM; echo ready; while :; do sleep 0.05; done",
  );
  for (const name of ["code", "signal"]) await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server([], { DOCKER_HOST: `unix://${socket}` });
  const docker = await world.docker;

  const code = await world.createRun("code/d");
  const ended = await world.finished(server.url, code.id);
  assert.equal(ended.state_type, "FAILED");
  assert.match(ended.state!.message!, /exit code 7/);
  await until("its line has arrived", async () => {
    return (await world.messages(server.url, code.id)).includes("by-the-entrypoint /opt/lib");
  });
  const [first] = await world.containers(code.id);
  const { Config } = await docker.getContainer(first.Id).inspect();
  assert.deepEqual((Config as unknown as { Entrypoint: string[] }).Entrypoint.slice(0, 3), [
    "/.flowctl/flowctl",
    "exec",
    "--",
  ]);

  const signal = await world.createRun("signal/d");
  await until("it is ready", async () => (await world.messages(server.url, signal.id)).includes("ready"));
  await world.ok(["flow-run", "cancel", signal.id]);
  assert.equal((await world.finished(server.url, signal.id)).state_type, "CANCELLED");
  const [second] = await world.containers(signal.id);
  assert.equal((await docker.getContainer(second.Id).inspect()).State.ExitCode, 9);
});

test("exec ends as its command does, takes options as the command's, and is not in the list of commands", async () => {
  await using world = new World();
  const codeOf = async (...command: string[]) => (await world.run(["exec", "--", ...command])).code;
  assert.equal(await codeOf("/bin/sh", "-c", "exit 5"), 5);
  assert.equal(await codeOf("/bin/sh", "-c", "kill -9 $$"), 137);
  assert.match(await world.ok(["exec", "--", "/bin/echo", "--help", "-V"]), /^--help -V\n$/);
  const missing = await world.run(["exec", "--", "/no/such/program"]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /Cannot start "\/no\/such\/program": no such program or folder/);
  assert.doesNotMatch(await world.ok(["--help"]), /\bexec\b/);
});
