/**
 * What an installation leaves in the engine goes by itself and by hand; what is somebody else's stays.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../../src/support/ids.ts";
import { test } from "../testing/test.ts";
import { dockerFlow, EXAMPLE, until, World } from "./support.ts";

const BINARY_LABEL = "dev.flowctl.binary-sha256";

/** A container that was never started. */
async function aContainer(world: World, Image: string, name: string, Labels: Record<string, string>) {
  return await (await world.docker).createContainer({ name, Image, Cmd: ["version"], Labels });
}

async function exists(world: World, id: string): Promise<boolean> {
  const docker = await world.docker;
  return await docker.getContainer(id).inspect().then(() => true, () => false);
}

test("an agent keeps as many finished containers as it is told, and none of anybody else's go", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  const keep = { FLOWCTL_KEEP_CONTAINERS: "1" };
  const first = await world.server([], keep);
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  const runs = [await world.createRun("my-flow/example"), await world.createRun("my-flow/example")];
  for (const { id } of runs) {
    await world.finished(first.url, id);
    await until("its container and its lease are over", () => world.client(first.url).flowRuns.settled(id, 10));
  }
  const [{ Image }] = await world.containers(runs[0].id);
  const another = await aContainer(world, Image, `${runs[0].name}-elsewhere`, {
    "dev.flowctl.installation": newId(),
    "dev.flowctl.lease": newId(),
  });
  const foreign = await aContainer(world, Image, `${runs[0].name}-mine`, {});
  try {
    const would = JSON.parse(await world.ok(["agent", "reap", "--dry-run", "-o", "json"], { env: keep }));
    assert.deepEqual(would.map((one: { outcome: string }) => one.outcome), ["would remove"]);
    await first.stop();
    // The next agent does it by itself.
    await world.server([], keep);
    const left = await until("one container is left", async () => {
      const all = (await Promise.all(runs.map(({ id }) => world.containers(id)))).flat();
      return all.length === 1 ? all : undefined;
    });
    assert.equal(left[0].State, "exited");
    assert.ok(await exists(world, another.id) && await exists(world, foreign.id));
    assert.equal(await world.ok(["agent", "reap"], { env: { ...keep, FLOWCTL_KEEP_CONTAINERS: "5" } }), "");
    const printed = await world.ok(["agent", "reap", "-o", "json"], { env: { FLOWCTL_KEEP_CONTAINERS: "0" } });
    assert.deepEqual(JSON.parse(printed).map((one: { outcome: string }) => one.outcome), ["removed"]);
    assert.equal(await exists(world, left[0].Id), false);
    assert.ok(await exists(world, another.id) && await exists(world, foreign.id));
  } finally {
    await another.remove({ force: true });
    await foreign.remove({ force: true });
  }
});

test("reaping does not disturb what runs, with its agent or without, and not from another API either", async () => {
  await using world = new World();
  world.file(
    "wait.ts",
    dockerFlow("wait", `  await new Promise((resolve) => signal.addEventListener("abort", resolve));`),
  );
  const server = await world.server();
  await world.ok(["deployment", "create", "./wait.ts"]);
  const run = await world.createRun("wait/d");
  const [container] = await until("the container runs", async () => {
    const found = await world.containers(run.id);
    return found[0]?.State === "running" ? found : undefined;
  });
  const none = { FLOWCTL_KEEP_CONTAINERS: "0", FLOWCTL_KEEP_CONTAINERS_HOURS: "0" };
  const reap = async (env: Record<string, string> = {}) =>
    JSON.parse(await world.ok(["agent", "reap", "-o", "json"], { env: { ...none, ...env } }));
  assert.deepEqual(await reap(), []);
  // An API that never heard of the run can't say that it is over.
  const elsewhere = new World();
  try {
    const { url } = await elsewhere.server(["--no-agent"]);
    const kept = await reap({ FLOWCTL_API_URL: `${url}/api` });
    assert.deepEqual(kept.map((one: { outcome: string }) => one.outcome), ["kept"]);
  } finally {
    await elsewhere[Symbol.asyncDispose]();
  }
  await server.stop("SIGKILL");
  assert.deepEqual(await reap(), [], "its lease waits for the next agent");
  const docker = await world.docker;
  assert.equal((await docker.getContainer(container.Id).inspect()).State.Running, true);
});

test("default images and volumes of older versions go when this installation made them and nobody uses them", async () => {
  await using world = new World();
  const installation = newId();
  mkdirSync(world.home, { recursive: true, mode: 0o700 });
  writeFileSync(join(world.home, "agent.json"), JSON.stringify({ id: newId(), installation }));
  const docker = await world.docker;
  const ours = { "dev.flowctl.installation": installation, [BINARY_LABEL]: "0".repeat(64) };
  const id = installation.slice(-12);
  const tag = (kind: string) => `0.0.1${kind}${id}-bun1.4`;
  const importImage = async (kind: string, labels: Record<string, string>) => {
    const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`);
    const options = { repo: "flowctl/flowctl", tag: tag(kind), message: "flowctl", changes };
    // Two blocks of zeros are an empty archive.
    for await (const _ of docker.importImage(new Uint8Array(1024), options));
    return `flowctl/flowctl:${tag(kind)}`;
  };
  const isThere = (name: string) => docker.getImage(name).inspect().then(() => true, () => false);
  const old = await importImage("o", ours);
  const used = await importImage("u", { ...ours, n: "2" });
  const another = await importImage("a", { ...ours, "dev.flowctl.installation": newId() });
  const unlabelled = await importImage("n", { [BINARY_LABEL]: "0".repeat(64) });
  const user = await docker.createContainer({ Image: used, Cmd: ["/none"] });
  const volume = `flowctl-0.0.1-${id}`;
  const foreign = `flowctl-0.0.2-${id}`;
  await docker.createVolume({ Name: volume, Labels: ours });
  await docker.createVolume({ Name: foreign, Labels: { [BINARY_LABEL]: "0".repeat(64) } });
  try {
    const names = async (args: string[]) =>
      JSON.parse(await world.ok(["image", "gc", "-o", "json", ...args]))
        .map((one: { name: string; outcome: string }) => [one.name, one.outcome]).sort();
    assert.deepEqual(await names(["--dry-run"]), [[volume, "would remove"], [old, "would remove"]].sort());
    assert.ok(await isThere(old));
    assert.deepEqual(await names([]), [[volume, "removed"], [old, "removed"]].sort());
    assert.deepEqual(await Promise.all([old, used, another, unlabelled].map(isThere)), [false, true, true, true]);
    await user.remove({ force: true });
    // An agent does the rest by itself.
    await world.server();
    await until("the agent removes the image that nobody uses any more", async () => !await isThere(used));
    assert.deepEqual(await Promise.all([another, unlabelled].map(isThere)), [true, true]);
    await docker.getVolume(foreign).inspect();
  } finally {
    await user.remove({ force: true }).catch(() => {});
    for (const name of [old, used, another, unlabelled]) await docker.getImage(name).remove().catch(() => {});
    for (const name of [volume, foreign]) await docker.getVolume(name).remove().catch(() => {});
  }
});
