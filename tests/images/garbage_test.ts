/**
 * Which images and volumes go, and which never do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import type { ContainerInfo, ImageInfo, VolumeInspectInfo } from "../../src/docker/types.ts";
import { BINARY_LABEL } from "../../src/images/default_image.ts";
import { findGarbage, type GarbageInput, planGarbage, removeGarbage } from "../../src/images/garbage.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

const labels = { "dev.flowctl.installation": "this" };
const marked = { ...labels, [BINARY_LABEL]: "a".repeat(64) };
const image = (Id: string, RepoTags: string[] | null, Labels: Record<string, string> | null = marked): ImageInfo => ({
  Id,
  RepoTags,
  Labels,
  Created: 0,
  Size: 123_000_000,
});
const volume = (Name: string, Labels: Record<string, string> | null = marked) =>
  ({ Name, Labels, Driver: "local", Mountpoint: "" }) as VolumeInspectInfo;
const plan = (input: Partial<GarbageInput>) =>
  planGarbage({ labels, versions: ["0.2.0"], images: [], volumes: [], containers: [], ...input }).map(({ id }) => id);

test("a default image of an older version goes, and the one in use stays", () => {
  const images = [
    image("1", ["flowctl/flowctl:0.1.0-bun1.4"]),
    image("2", ["flowctl/flowctl:0.2.0-bun1.4"]),
    image("3", ["localhost/flowctl/flowctl:0.1.9-bun1.4"]),
    image("4", ["<none>:<none>"]),
    image("5", null),
  ];
  assert.deepEqual(plan({ images }), [
    "flowctl/flowctl:0.1.0-bun1.4",
    "localhost/flowctl/flowctl:0.1.9-bun1.4",
    "4",
    "5",
  ]);
  assert.deepEqual(plan({ images: images.slice(0, 2), versions: ["0.2.0", "0.1.0"] }), []);
});

test("an image without our label, of another installation, or with a name that somebody gave it stays", () => {
  const old = ["flowctl/flowctl:0.1.0-bun1.4"];
  const images = [
    image("1", old, null),
    image("2", old, { [BINARY_LABEL]: "a" }),
    image("3", old, { ...marked, "dev.flowctl.installation": "another" }),
    image("4", old, labels),
    image("5", [...old, "kept:for-later"]),
    image("6", ["somebody/flowctl:0.1.0-bun1.4"]),
  ];
  assert.deepEqual(plan({ images }), []);
});

test("what a container uses stays, whoever's container it is, and whether it runs or not", () => {
  const containers = [{ Id: "c", ImageID: "1", Image: "1", Mounts: [{ Name: "flowctl-0.1.0-bbbbbbbbbbbb" }] }];
  assert.deepEqual(
    plan({
      images: [image("1", ["flowctl/flowctl:0.1.0-bun1.4"])],
      volumes: [volume("flowctl-0.1.0-bbbbbbbbbbbb")],
      containers: containers as unknown as ContainerInfo[],
    }),
    [],
  );
});

test("volumes of older versions go; other builds of this version only when this one is known", () => {
  const volumes = [
    volume("flowctl-0.1.0-bbbbbbbbbbbb"),
    volume("flowctl-0.2.0-bbbbbbbbbbbb"),
    volume("flowctl-0.2.0-cccccccccccc"),
    volume("flowctl-0.1.0-dddddddddddd", { ...marked, "dev.flowctl.installation": "another" }),
    volume("flowctl-0.1.0-eeeeeeeeeeee", null),
    volume("flowctl-data"),
  ];
  assert.deepEqual(plan({ volumes }), ["flowctl-0.1.0-bbbbbbbbbbbb"]);
  assert.deepEqual(plan({ volumes, sha256: "c".repeat(64) }), [
    "flowctl-0.1.0-bbbbbbbbbbbb",
    "flowctl-0.2.0-bbbbbbbbbbbb",
  ]);
});

test("an image that was built upon the default one is not taken for it, and what is in use after all is left", async () => {
  const engine = createFakeEngine({ images: [] });
  const docker = new Docker({ fetch: engine.fetch });
  const old = "flowctl/flowctl:0.1.0-bun1.4";
  engine.addImage(old, marked);
  assert.deepEqual(await findGarbage({ docker, labels, versions: ["0.2.0"] }), []);
  const changes = Object.entries(marked).map(([name, value]) => `LABEL ${name}=${value}`);
  await Array.fromAsync(
    docker.importImage(new Uint8Array(), {
      repo: "flowctl/flowctl",
      tag: "0.1.0-bun1.4",
      message: "flowctl",
      changes,
    }),
  );
  const [found] = await findGarbage({ docker, labels, versions: ["0.2.0"] });
  assert.equal(found.id, old);
  engine.failNext(/DELETE/, { status: 409 });
  assert.equal(await removeGarbage(docker, found), false);
  assert.equal(await removeGarbage(docker, found), true);
  assert.equal(engine.hasImage(old), false);
});
