/**
 * The default image, the binary's volume, pulling.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Docker } from "../../src/docker/client.ts";
import { untar } from "../../src/docker/tar.ts";
import { binaryVolumeName, ensureBinaryVolume } from "../../src/images/binary_volume.ts";
import { BINARY_LABEL, ensureDefaultImage } from "../../src/images/default_image.ts";
import { dockerArchitecture, findLinuxExecutable, hashExecutable } from "../../src/images/linux_executable.ts";
import { ensureImage, pullPolicy } from "../../src/images/pull.ts";
import { createLog, silentLog } from "../../src/support/log.ts";
import { tinyElf } from "../agent/agent_api.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const NAME = "flowctl/flowctl:0.1.0-bun1.4";

function world(images: string[] = []) {
  const folder = testFolder();
  const path = join(folder.path, "flowctl");
  writeFileSync(path, tinyElf(), { mode: 0o755 });
  const engine = createFakeEngine({ images, pullable: ["app:1", "app:latest"] });
  return {
    folder,
    path,
    engine,
    docker: new Docker({ fetch: engine.fetch }),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}
const asked = (engine: ReturnType<typeof createFakeEngine>, method: string, path: string) =>
  engine.requests.filter((request) => request.method === method && request.path === path);

test("the default image is imported once for all that ask at the same time, and not again", async () => {
  using w = world();
  const executable = await hashExecutable(w.path, w.folder.path);
  const ensure = () => ensureDefaultImage({ docker: w.docker, name: NAME, executable, log: silentLog });
  await Promise.all([ensure(), ensure(), ensure()]);
  await ensure();
  const imports = asked(w.engine, "POST", "/images/create");
  assert.equal(imports.length, 1);
  assert.equal(imports[0].query.get("fromSrc"), "-");
  assert.ok(imports[0].query.getAll("changes").includes('ENTRYPOINT ["/flowctl"]'));
  assert.equal(imports[0].query.has("fromImage"), false);
});

test("the default image holds the program, a place for temporary files, and users", async () => {
  using w = world();
  const executable = await hashExecutable(w.path, w.folder.path);
  await ensureDefaultImage({ docker: w.docker, name: NAME, executable, log: silentLog });
  const [{ body }] = asked(w.engine, "POST", "/images/create");
  const found = new Map<string, number>();
  for await (const { path, mode } of untar(new Blob([body as BlobPart]).stream())) {
    found.set(path.replace(/\/$/, ""), mode);
  }
  assert.equal(found.get("flowctl"), 0o755);
  assert.equal(found.get("tmp"), 0o1777);
  assert.ok(found.has("etc/passwd") && found.has("etc/group"));
});

test("an image of that name with another binary, or none, does not count", async () => {
  using w = world([NAME]);
  const executable = await hashExecutable(w.path, w.folder.path);
  await ensureDefaultImage({ docker: w.docker, name: NAME, executable, log: silentLog });
  assert.equal(asked(w.engine, "POST", "/images/create").length, 1);
  const { Config } = await w.docker.getImage(NAME).inspect();
  assert.equal(Config!.Labels![BINARY_LABEL], executable.sha256);
});

test("the image of another binary is removed once it is replaced, and an image of somebody else's never", async () => {
  const bears: Record<string, string> = { [BINARY_LABEL]: "0".repeat(64) };
  const ours = { ...bears, "dev.flowctl.installation": "this" };
  for (const labels of [ours, { ...ours, "dev.flowctl.installation": "another" }, bears, {}]) {
    using w = world();
    w.engine.addImage(NAME, labels);
    const { Id } = await w.docker.getImage(NAME).inspect();
    const executable = await hashExecutable(w.path, w.folder.path);
    await ensureDefaultImage({
      docker: w.docker,
      name: NAME,
      executable,
      labels: { "dev.flowctl.installation": "this" },
      log: silentLog,
    });
    const removed = w.engine.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    assert.deepEqual(removed, labels === ours ? [`/images/${Id}`] : []);
  }
});

test("the hash of an executable is remembered until the file changes", async () => {
  using w = world();
  const first = await hashExecutable(w.path, w.folder.path);
  writeFileSync(
    join(w.folder.path, "executables.json"),
    JSON.stringify({
      [w.path]: { ...JSON.parse(await readText(w, "executables.json"))[w.path], sha256: "a".repeat(64) },
    }),
  );
  assert.equal((await hashExecutable(w.path, w.folder.path)).sha256, "a".repeat(64), "it was not read again");
  writeFileSync(w.path, new Uint8Array([...tinyElf(), 1]));
  const changed = await hashExecutable(w.path, w.folder.path);
  assert.notEqual(changed.sha256, first.sha256);
  assert.notEqual(changed.sha256, "a".repeat(64));
});

const readText = async (w: { folder: { path: string } }, name: string) =>
  (await import("node:fs")).readFileSync(join(w.folder.path, name), "utf8");

test("a volume with the binary is filled through a container that never starts and does not stay", async () => {
  using w = world(["busybox:latest"]);
  const executable = await hashExecutable(w.path, w.folder.path);
  const ensure = () =>
    ensureBinaryVolume({
      docker: w.docker,
      version: "0.1.0",
      executable,
      image: "busybox",
      labels: { a: "b" },
      log: silentLog,
    });
  const [name] = await Promise.all([ensure(), ensure()]);
  assert.equal(name, binaryVolumeName("0.1.0", executable.sha256));
  assert.match(name, /^flowctl-0\.1\.0-[0-9a-f]{12}$/);
  assert.equal((w.engine.volumes.get(name) as { Labels: Record<string, string> }).Labels.a, "b");
  assert.equal(w.engine.containers.size, 0);
  const [put] = w.engine.requests.filter(({ method }) => method === "PUT");
  const paths: string[] = [];
  for await (const { path } of untar(new Blob([put.body as BlobPart]).stream())) paths.push(path);
  assert.equal(paths[0], "flowctl");
  assert.equal(paths.at(-1), "complete", "what tells that all is there comes last");
  assert.equal(w.engine.requests.filter(({ path }) => path.endsWith("/start")).length, 0);
});

test("a volume that could not be filled is tried again", async () => {
  using w = world(["busybox:latest"]);
  const executable = await hashExecutable(w.path, w.folder.path);
  const ensure = () =>
    ensureBinaryVolume({
      docker: w.docker,
      version: "0.1.0",
      executable,
      image: "busybox",
      labels: {},
      log: silentLog,
    });
  w.engine.failNext(/PUT/, { status: 500 });
  await assert.rejects(ensure());
  assert.equal(w.engine.containers.size, 0);
  await ensure();
});

test("a volume that somebody took away is filled again, once for all that miss it", async () => {
  using w = world(["busybox:latest"]);
  const executable = await hashExecutable(w.path, w.folder.path);
  const options = { docker: w.docker, version: "0.1.0", executable, image: "busybox", labels: {}, log: silentLog };
  const name = await ensureBinaryVolume(options);
  w.engine.volumes.delete(name);
  await Promise.all([ensureBinaryVolume(options), ensureBinaryVolume(options)]);
  assert.ok(w.engine.volumes.has(name));
  assert.equal(w.engine.requests.filter(({ method }) => method === "PUT").length, 2);
});

test("the pull policy is the peer's: what is given, else Always for latest, else IfNotPresent", () => {
  const table: [string, Parameters<typeof pullPolicy>[1], boolean, string][] = [
    ["app", undefined, true, "Always"],
    ["app:latest", undefined, true, "Always"],
    ["app:1", undefined, true, "IfNotPresent"],
    ["registry:5000/app", undefined, true, "Always"],
    ["registry:5000/app:1", undefined, true, "IfNotPresent"],
    ["app@sha256:aa", undefined, true, "IfNotPresent"],
    ["app:latest@sha256:aa", undefined, true, "IfNotPresent"],
    ["app", "Never", true, "Never"],
    ["app:1", "Always", true, "Always"],
    ["app", "Always", false, "Never"],
  ];
  for (const [reference, given, mayPull, expected] of table) {
    assert.equal(pullPolicy(reference, given, mayPull), expected, reference);
  }
});

test("an image that is there is not pulled, one that is not is, and lines tell of it", async () => {
  using w = world(["here:1"]);
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  await ensureImage({ docker: w.docker, reference: "here:1", policy: "IfNotPresent", log });
  assert.equal(asked(w.engine, "POST", "/images/create").length, 0);
  const image = await ensureImage({ docker: w.docker, reference: "app:1", policy: "IfNotPresent", log });
  assert.equal(image.Architecture, "amd64");
  assert.deepEqual(lines.map((line) => line.replace(/^.* \| /, "")), [
    "Pulling image 'app:1'...",
    "Pulled image 'app:1'",
  ]);
});

test("an image that may not be pulled and is not there is an error that says what to do", async () => {
  using w = world();
  await assert.rejects(
    ensureImage({ docker: w.docker, reference: "app:1", policy: "Never", log: silentLog }),
    (error: Error & { hint?: string }) =>
      /"app:1".*does not have it/.test(error.message) && /--no-pull/.test(error.hint!),
  );
});

test("the program in containers is this one, else FLOWCTL_LINUX_BINARY, else dist/flowctl, else an error with the way out", () => {
  using w = world();
  const find = (own?: string, env = {}, sourceFolder?: string, architecture = "amd64") =>
    findLinuxExecutable({ architecture, own, env, sourceFolder });
  assert.equal(find(w.path), w.path);
  assert.equal(find(undefined, { FLOWCTL_LINUX_BINARY: w.path }), w.path);
  const dist = w.folder.write("dist/flowctl", "");
  writeFileSync(dist, tinyElf());
  assert.equal(find(undefined, {}, w.folder.path), dist);
  assert.throws(() => find(w.path, {}, w.folder.path, "arm64"), /no flowctl binary for Linux on arm64/);
  assert.throws(() => find(w.path, { FLOWCTL_LINUX_BINARY: w.path }, undefined, "arm64"), /FLOWCTL_LINUX_BINARY/);
  assert.deepEqual(["x86_64", "aarch64", "riscv64"].map(dockerArchitecture), ["amd64", "arm64", "riscv64"]);
});
