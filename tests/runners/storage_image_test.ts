/**
 * Which image a flow with Docker storage runs in, and whether it is pulled.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import type { Claim } from "../../src/domain/agents.ts";
import type { ImagePullPolicy } from "../../src/domain/flow_runners.ts";
import type { DockerStorageInfo } from "../../src/domain/storage.ts";
import { pullPolicy } from "../../src/images/pull.ts";
import { storageImage, storageLine } from "../../src/runners/storage_image.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

const DIGEST = `sha256:${"d".repeat(64)}`;
const STORAGE: DockerStorageInfo = {
  type: "docker",
  registry_url: null,
  image_name: "team/docker-1-flow",
  image_tag: "2021-11-18t22-30-09",
  image_id: null,
  digest: null,
  path: "/opt/flowctl/flows/docker-1-flow.js",
};
const TAGGED = "team/docker-1-flow:2021-11-18t22-30-09";

function stage(images: string[] = []) {
  const engine = createFakeEngine({ images });
  const docker = new Docker({ fetch: engine.fetch });
  const idOf = async (name: string) => (await docker.getImage(name).inspect()).Id;
  const choose = (over: Partial<DockerStorageInfo>, pull = true, given?: ImagePullPolicy) =>
    storageImage({ ...STORAGE, ...over }, { docker, info: { Name: "build-7" } as never, pull, given });
  return { engine, docker, idOf, choose };
}

test("trap 5: an image without a registry is used as it is and never pulled, slash or not", async () => {
  const { choose, idOf } = stage([TAGGED]);
  for (const pull of [true, false]) {
    assert.deepEqual(await choose({}, pull, "Always"), { reference: TAGGED, policy: "Never" });
  }
  assert.deepEqual(await choose({ image_id: await idOf(TAGGED) }), { reference: TAGGED, policy: "Never" });
});

test("trap 5: an image of Docker Hub's top level is pulled when it is absent", () => {
  assert.equal(pullPolicy("python:3.9"), "IfNotPresent");
});

test("an absent image without a registry is told with the engine's host, and nobody is asked for it", async () => {
  const { choose, engine } = stage();
  await assert.rejects(choose({}), (error: Error & { code: string }) => {
    assert.equal(error.code, "not_found");
    assert.match(
      error.message,
      /^Cannot use image "team\/docker-1-flow:2021-.*": it was built without a registry on host "build-7"/,
    );
    return true;
  });
  assert.ok(engine.requests.every(({ method }) => method === "GET"));
});

test("a tag that went on to another build does not take a run with it", async () => {
  const { choose, idOf, engine } = stage([TAGGED]);
  const built = await idOf(TAGGED);
  engine.addImage("other:1");
  await new Docker({ fetch: engine.fetch }).getImage(TAGGED).tag({ repo: "kept", tag: "1" });
  engine.addImage(TAGGED);
  assert.notEqual(await idOf(TAGGED), built);
  assert.deepEqual(await choose({ image_id: built }), { reference: built, policy: "Never" });
  await assert.rejects(choose({ image_id: "sha256:gone" }), /built without a registry on host/);
});

test("an image with a registry is pinned to its digest, and pulled as the policy says", async () => {
  const { choose } = stage();
  const storage = { registry_url: "gcr.io/dev", image_name: "flow", digest: DIGEST };
  const reference = `gcr.io/dev/flow@${DIGEST}`;
  assert.deepEqual(await choose(storage), { reference, policy: "IfNotPresent" });
  assert.deepEqual(await choose(storage, true, "Always"), { reference, policy: "Always" });
  assert.deepEqual(await choose(storage, true, "Never"), { reference, policy: "Never" });
  assert.deepEqual(await choose(storage, false, "Always"), { reference, policy: "Never" }, "--no-pull");
  const unpushed = { ...storage, digest: null };
  assert.deepEqual(await choose(unpushed), {
    reference: "gcr.io/dev/flow:2021-11-18t22-30-09",
    policy: "IfNotPresent",
  });
});

test("the engine that built an image runs it without its registry", async () => {
  const { choose, idOf } = stage(["gcr.io/dev/flow:2021-11-18t22-30-09"]);
  const image_id = await idOf("gcr.io/dev/flow:2021-11-18t22-30-09");
  const storage = { registry_url: "gcr.io/dev", image_name: "flow", digest: DIGEST, image_id };
  assert.deepEqual(await choose(storage), { reference: "gcr.io/dev/flow:2021-11-18t22-30-09", policy: "Never" });
});

test("the agent's line says whether a flow has Docker storage, and what it runs in else", () => {
  const claim = (deployment: object) => ({ flow_run: { name: "wily-mackerel" }, deployment }) as unknown as Claim;
  const line = (deployment: object) => storageLine(claim(deployment), "0.1.0", "bun1.4");
  assert.equal(line({ storage: STORAGE }), `Flow run 'wily-mackerel' has Docker storage: image '${TAGGED}'`);
  assert.equal(
    line({ storage: null, flowctl_version: "0.1.0" }),
    "Flow run 'wily-mackerel' has no Docker storage: it runs in the default image 'flowctl/flowctl:0.1.0-bun1.4'",
  );
  const flow_runner = { type: "docker", config: { image: "node:22" } };
  assert.equal(line({ flow_runner }), "Flow run 'wily-mackerel' has no Docker storage: it runs in image 'node:22'");
});
