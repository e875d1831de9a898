/**
 * What a user writes into `DockerFlowRunner` reaches the engine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import type { Network } from "../../src/docker/networks.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

const BUSYBOX = "/bin/busybox";

/** An image that has nothing but busybox: no libc, no flowctl. Declared before the world, so that it outlives its containers. */
async function busyboxImage(): Promise<{ image: string } & AsyncDisposable> {
  needsEngine();
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/busybox", tag = crypto.randomUUID().slice(0, 8);
  const files = [
    { path: "bin", type: "directory" as const },
    { path: "bin/busybox", file: BUSYBOX, mode: 0o755 },
    { path: "bin/sh", type: "symlink" as const, target: "busybox" },
  ];
  const changes = ["ENV GREETING=from-the-image", "LABEL dev.flowctl.test=1"];
  await followProgress(docker.importImage(tarOf(files), { repo, tag, changes }));
  const image = `${repo}:${tag}`;
  return {
    image,
    async [Symbol.asyncDispose]() {
      await docker.getImage(image).remove({ force: true });
      docker.close();
    },
  };
}

const completed = async (world: World, name: string, options: string, body: string) => {
  world.file(`${name}.ts`, dockerFlow(name, body, options, `import process from "node:process";`));
  await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server();
  const run = await world.createRun(`${name}/d`);
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const [{ Id }] = await world.containers(run.id);
  return { server, run, messages: await world.messages(server.url, run.id), container: Id };
};

test("a custom image without flowctl and without libc runs a flow, with its own environment", async () => {
  await using custom = await busyboxImage();
  await using world = new World();
  const { messages, container } = await completed(
    world,
    "custom",
    `image: ${
      JSON.stringify(custom.image)
    }, imagePullPolicy: "Never", env: { MINE: "yes" }, createOptions: { User: "1000" }`,
    `  console.log([process.env.GREETING, process.env.MINE, process.getuid?.(), process.env.LD_LIBRARY_PATH ?? "none"].join(" "));`,
  );
  assert.ok(messages.includes("from-the-image yes 1000 none"), messages.join("\n"));
  const { Config } = await (await world.docker).getContainer(container).inspect();
  assert.equal(Config.Image, custom.image);
});

test("a flow on network none reaches the API through its socket", async () => {
  await using world = new World();
  const { container } = await completed(world, "offline", `networkMode: "none"`, ``);
  assert.equal((await (await world.docker).getContainer(container).inspect()).HostConfig.NetworkMode, "none");
});

/** Two networks; declared before the world, for a network that is in use is not removed. */
async function twoNetworks(): Promise<{ names: string[] } & AsyncDisposable> {
  needsEngine();
  const docker = await openDocker({ env: process.env });
  const names = ["a", "b"].map((name) => `flowctl-test-${name}-${crypto.randomUUID().slice(0, 8)}`);
  const networks: Network[] = [];
  for (const Name of names) networks.push(await docker.createNetwork({ Name, Labels: { "dev.flowctl.test": "1" } }));
  return {
    names,
    async [Symbol.asyncDispose]() {
      for (const network of networks) await network.remove();
      docker.close();
    },
  };
}

test("networks, volumes, labels and limits reach the engine", async () => {
  await using networks = await twoNetworks();
  await using world = new World();
  const { names } = networks;
  world.file("shared/in.txt", "handed in");
  const { container, messages } = await completed(
    world,
    "everything",
    `networks: ${JSON.stringify(names)}, volumes: ["${world.work}/shared:/shared:ro"], labels: { team: "blue" },
  memory: "512m", cpus: 1.5, createOptions: { HostConfig: { ShmSize: 33554432 } }`,
    `  const { readFileSync } = await import("node:fs");
  console.log(readFileSync("/shared/in.txt", "utf8"));`,
  );
  assert.ok(messages.includes("handed in"));
  const { Config, HostConfig, NetworkSettings } = await (await world.docker).getContainer(container).inspect();
  assert.deepEqual(Object.keys(NetworkSettings.Networks ?? {}).sort(), names.toSorted());
  assert.equal(Config.Labels?.team, "blue");
  assert.equal(HostConfig.Memory, 512 * 1024 * 1024);
  assert.equal(HostConfig.NanoCpus, 1.5e9);
  assert.equal(HostConfig.ShmSize, 33_554_432);
});

test("a command runs instead of the flow, and its exit code decides", async () => {
  await using custom = await busyboxImage();
  await using world = new World();
  for (const code of [0, 7]) {
    const name = `command-${code}`;
    const command = JSON.stringify(["/bin/sh", "-c", `echo hello from sh; exit ${code}`]);
    world.file(
      `${name}.ts`,
      dockerFlow(name, ``, `image: "${custom.image}", imagePullPolicy: "Never", command: ${command}`),
    );
    await world.ok(["deployment", "create", `./${name}.ts`]);
  }
  const server = await world.server();
  const good = await world.createRun("command-0/d");
  assert.equal((await world.finished(server.url, good.id)).state_type, "COMPLETED");
  await until(
    "its line has arrived",
    async () => (await world.messages(server.url, good.id)).includes("hello from sh"),
  );
  const bad = await world.finished(server.url, (await world.createRun("command-7/d")).id);
  assert.equal(bad.state_type, "FAILED");
  assert.match(bad.state!.message!, /7/);
});

test("what the agent does not permit makes the run Failed and names the option", async () => {
  await using world = new World();
  world.file("mighty.ts", dockerFlow("mighty", ``, `privileged: true`));
  await world.ok(["deployment", "create", "./mighty.ts"]);
  const server = await world.server();
  const run = await world.createRun("mighty/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /privileged/);
  assert.equal((await world.containers(run.id)).length, 0);
});

test("a container is removed after its run when autoRemove says so", async () => {
  await using world = new World();
  world.file("gone.ts", dockerFlow("gone", `  console.log("short life");`, `autoRemove: true`));
  await world.ok(["deployment", "create", "./gone.ts"]);
  const server = await world.server();
  const run = await world.createRun("gone/d");
  assert.equal((await world.finished(server.url, run.id)).state_type, "COMPLETED");
  await until("the container is removed", async () => (await world.containers(run.id)).length === 0);
  assert.ok((await world.messages(server.url, run.id)).includes("short life"));
});
