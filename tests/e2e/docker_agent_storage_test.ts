/**
 * Docker agents and flows whose code lies in an image: which image, whether it is pulled, and what is said when it is not there.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "../../src/support/version.ts";
import { test } from "../testing/test.ts";
import { dockerConfig, LOGIN, Registry } from "./registry.ts";
import { Engine, infoIn, storageFile, taggedIn } from "./storage_support.ts";
import { until, World } from "./support.ts";

/** A deployment as a registration makes it: its code lies in an image, its runner says nothing of images. */
async function register(world: World, url: string, info: Partial<ReturnType<typeof infoIn>>, config: object = {}) {
  const { hash: _hash, ...storage } = info;
  const client = world.client(url);
  const { id: flow_id } = await client.flows.create({ name: "stored_flow" });
  return await client.deployments.create({
    name: `d-${crypto.randomUUID().slice(0, 8)}`,
    flow_id,
    entrypoint: "stored_flow",
    storage: storage as never,
    labels: ["docker_flows"],
    flowctl_version: VERSION,
    flow_runner: { type: "docker", config },
  });
}

async function runOnce(world: World, url: string, deployment: { id: string }) {
  const began = Date.now();
  const run = await world.client(url).deployments.createRun(deployment.id, {});
  const done = await world.finished(url, run.id);
  // An image that a running container uses can't be removed.
  await until("the container has ended", () => world.client(url).flowRuns.settled(run.id, 30));
  const [container] = await world.containers(run.id);
  const message = done.state?.message ?? "";
  return { ...done, message, image: container?.Image, tookMs: Date.now() - began };
}

const removeImages = async (engine: Engine, ...names: string[]) => {
  for (const name of names) await engine.docker.getImage(name).remove({ force: true }).catch(() => {});
};

test("trap 5: an image without a registry, slash or not, runs without a pull, and absent it is Failed with its host", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("local");
  const imageName = `flowctl-test/local-${engine.mark}`;
  world.file("stored.ts", storageFile(`{ baseImage: "${base}", imageName: "${imageName}" }`));
  const built = await world.run(["./stored.ts"]);
  const tag = taggedIn(built), info = infoIn(built);
  const server = await world.server(["--no-agent"]);
  const agent = world.start(["agent", "docker", "start", "-l", "docker_flows", "--show-flow-logs"]);

  const deployment = await register(world, server.url, info, { image_pull_policy: "Always" });
  const run = await runOnce(world, server.url, deployment);
  assert.equal(run.state_type, "COMPLETED", run.message);
  assert.equal(run.image, tag);
  await agent.prints(/INFO - flowctl\.stored_flow \| hello from /);
  assert.ok(agent.output().includes(`Flow run '${run.name}' has Docker storage: image '${tag}'`), agent.output());

  await removeImages(engine, tag, `${imageName}:${info.hash}`, info.image_id!);
  const gone = await runOnce(world, server.url, deployment);
  assert.equal(gone.state_type, "FAILED");
  const { Name } = await engine.docker.info();
  assert.ok(
    gone.message.includes(`Cannot use image "${tag}": it was built without a registry on host "${Name}"`),
    gone.message,
  );
  assert.equal(gone.image, undefined);
  assert.doesNotMatch(agent.output(), /Pulling image/);
});

test("trap 18: an image is pulled by its digest when it is absent; no login, no registry and --no-pull are said", async () => {
  const registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  let isUp = true;
  const stopRegistry = async () => {
    if (isUp) await registry[Symbol.asyncDispose]();
    isUp = false;
  };
  const docker = join(world.root, ".docker");
  const logIn = () => {
    mkdirSync(docker, { recursive: true });
    writeFileSync(join(docker, "config.json"), dockerConfig(registry.host, LOGIN));
  };
  try {
    const base = await engine.busybox("remote");
    const name = `team/remote-${engine.mark}`;
    logIn();
    world.file(
      "stored.ts",
      storageFile(`{ baseImage: "${base}", registryUrl: "${registry.host}", imageName: "${name}" }`),
    );
    const built = await world.run(["./stored.ts"]);
    const tag = taggedIn(built), info = infoIn(built);
    const pinned = `${registry.host}/${name}@${info.digest}`;
    const remove = () => removeImages(engine, tag, `${registry.host}/${name}:${info.hash}`, pinned, info.image_id!);
    const server = await world.server(["--no-agent"]);
    const deployment = await register(world, server.url, info);

    const unwilling = world.start(["agent", "docker", "start", "-l", "docker_flows", "--no-pull"]);
    const here = await runOnce(world, server.url, deployment);
    assert.equal(here.state_type, "COMPLETED", here.message);
    await remove();
    const absent = await runOnce(world, server.url, deployment);
    assert.equal(absent.state_type, "FAILED");
    assert.match(absent.message, /Cannot use image ".*@sha256:[0-9a-f]{64}": the engine does not have it/);
    assert.doesNotMatch(unwilling.output(), /Pulling image/);
    await unwilling.stop();

    const args = ["agent", "docker", "start", "-l", "docker_flows"];
    const choosy = world.start([...args, "--reg-allow-list", "gcr.io", "--reg-allow-list", "*.example"]);
    const refused = await runOnce(world, server.url, deployment);
    assert.equal(refused.state_type, "FAILED");
    assert.ok(refused.message.includes(`this agent does not pull from "${registry.host}"`), refused.message);
    await choosy.stop();

    const agent = world.start([...args, "--reg-allow-list", "127.0.0.1:*"]);
    writeFileSync(join(docker, "config.json"), "{}");
    const unknown = await runOnce(world, server.url, deployment);
    assert.equal(unknown.state_type, "FAILED");
    assert.match(unknown.message, /Cannot pull image ".*": the engine says ".*auth/);
    assert.doesNotMatch(agent.output(), /Pulled image/);
    logIn();
    const pulled = await runOnce(world, server.url, deployment);
    assert.equal(pulled.state_type, "COMPLETED", pulled.message);
    assert.equal(pulled.image, pinned);
    assert.ok(agent.output().includes(`Pulled image '${pinned}': ${info.digest}`), agent.output());

    await stopRegistry();
    const without = await runOnce(world, server.url, deployment);
    assert.equal(without.state_type, "COMPLETED", without.message);
    for (const { Id } of await engine.docker.listContainers({ all: true, filters: { ancestor: [info.image_id!] } })) {
      await engine.docker.getContainer(Id).remove({ force: true });
    }
    await remove();
    const down = await runOnce(world, server.url, deployment);
    assert.equal(down.state_type, "FAILED");
    assert.match(down.message, /Cannot pull image ".*": the engine says ".*refused/);
  } finally {
    await stopRegistry();
  }
});
