/**
 * Podman's Docker-compatible socket, really: a service of its own with its own storage.
 *
 * Needs Debian's packages podman, netavark, aardvark-dns, catatonit and runc.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { skip, test } from "../testing/test.ts";

// Without these its containers fail where limits can't be raised or there is no crun.
const CONFIGURATION = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
`;

/** Starts Podman's service. */
async function openPodman(): Promise<{ address: string; docker: Docker } & AsyncDisposable> {
  if (spawnSync("podman", ["--version"]).status !== 0) skip("There is no podman");
  if (process.getuid?.() !== 0) skip("Podman's networks need root here");
  const folder = mkdtempSync(join(tmpdir(), "flowctl-podman-"));
  // Podman takes no longer path than 50 characters for what lives as long as the machine is up.
  const runroot = mkdtempSync("/run/flowctl-");
  const path = join(folder, "podman.sock"), address = `unix://${path}`;
  writeFileSync(join(folder, "containers.conf"), CONFIGURATION);
  const child = spawn("podman", [
    "--root",
    join(folder, "root"),
    "--runroot",
    runroot,
    "system",
    "service",
    "--time=0",
    address,
  ], {
    env: { ...process.env, CONTAINERS_CONF: join(folder, "containers.conf"), TMPDIR: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "", hasEnded = false;
  child.stderr!.setEncoding("utf8").on("data", (text) => said += text);
  const ended = new Promise<void>((resolve) => child.once("close", () => (hasEnded = true, resolve())));
  const docker = await openDocker({ baseUrl: address, env: {} });
  const podman = {
    address,
    docker,
    async [Symbol.asyncDispose]() {
      for (const { Id } of hasEnded ? [] : await docker.listContainers({ all: true })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      docker.close();
      if (!hasEnded) process.kill(child.pid!, "SIGTERM");
      await ended;
      // It mounts its storage onto itself.
      spawnSync("umount", [join(folder, "root/overlay")]);
      for (const one of [folder, runroot]) rmSync(one, { recursive: true, force: true });
    },
  };
  try {
    await until("Podman answers", () => {
      if (hasEnded) throw new Error(`Podman ended:\n${said}`);
      return existsSync(path) && docker.ping().then(() => true, () => false);
    });
    return podman;
  } catch (error) {
    await podman[Symbol.asyncDispose]();
    throw error;
  }
}

test("Podman runs flows on its networks, tells their ends, and loses no container that is removed by hand", async () => {
  await using podman = await openPodman();
  await using world = new World(undefined, { DOCKER_HOST: podman.address });
  const network = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  const made = await podman.docker.createNetwork({ Name: network });
  try {
    const server = await world.server();
    const outcome = async (name: string, options: string, body = `  console.log("hello from ${name}");`) => {
      world.file(`${name}.ts`, dockerFlow(name, body, options, `import process from "node:process";`));
      await world.ok(["deployment", "create", `./${name}.ts`]);
      return await world.createRun(`${name}/d`);
    };
    const cases = {
      plain: "",
      user: `networks: ["${network}"]`,
      host: `networkMode: "host"`,
      none: `networkMode: "none"`,
      limited: `memory: "512m", env: { A: "1" }, labels: { team: "blue" }, volumes: ["./data:/data:ro"]`,
    };
    world.file("data/in.txt", "in");
    for (const [name, options] of Object.entries(cases)) {
      const run = await outcome(name, options);
      const { state } = await world.finished(server.url, run.id);
      assert.equal(state?.type, "COMPLETED", `${name}: ${state?.message}`);
      assert.ok((await world.messages(server.url, run.id)).includes(`hello from ${name}`), name);
    }
    const refused = await world.finished(server.url, (await outcome("unknown", `networks: ["nowhere"]`)).id);
    assert.match(refused.state?.message ?? "", /Cannot use network "nowhere": the engine has /);

    const exits = await world.finished(server.url, (await outcome("exits", "", `  process.exit(3);`)).id);
    assert.equal(exits.state?.type, "CRASHED");
    assert.match(exits.state?.message ?? "", /exit code 3/);

    const removed = await outcome(
      "removed",
      "",
      `  console.log("up");\n  await new Promise(() => setInterval(() => {}, 1000));`,
    );
    await until("the flow is up", async () => (await world.messages(server.url, removed.id)).includes("up"));
    await podman.docker.getContainer(removed.name).remove({ force: true });
    assert.equal((await world.finished(server.url, removed.id)).state?.type, "CRASHED");
  } finally {
    for (const { Id } of await podman.docker.listContainers({ all: true })) {
      await podman.docker.getContainer(Id).remove({ force: true, v: true });
    }
    await made.remove();
  }
});
