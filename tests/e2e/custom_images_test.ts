/**
 * Flows in images of any kind, and where the binary that runs them comes from.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { type TarEntry, tarOf } from "../../src/docker/tar.ts";
import { shelfPath } from "../../src/images/binaries.ts";
import { defaultImageEntries } from "../../src/images/default_image.ts";
import { hostLibraries } from "../../src/support/host_libraries.ts";
import { readAll } from "../../src/support/streams.ts";
import { VERSION } from "../../src/support/version.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { BINARY, dockerFlow, World } from "./support.ts";

const BUSYBOX = "/bin/busybox";
const TARGET = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const TEST_LABEL = "LABEL dev.flowctl.test=1";

const folder = (path: string): TarEntry => ({ path, type: "directory" });
const copyOf = (path: string, from = path): TarEntry => ({ path: path.slice(1), file: from, mode: 0o755 });

/** The shell of this host with its glibc at the usual places, and users: what a flow sees of Debian. */
function debian(): TarEntry[] {
  const { loader, libraries } = hostLibraries("/bin/sh");
  return [
    copyOf("/bin/sh"),
    ...[loader, ...libraries.map(({ path }) => path)].filter((path) => path !== undefined).map((path) => copyOf(path)),
    { path: "etc/passwd", content: "root:x:0:0:root:/root:/bin/sh\n" },
  ];
}

/** Debian's package `musl` in a folder of its own; nothing is installed. */
function muslLoader(work: string): string {
  const [installed] = ["x86_64", "aarch64"].map((machine) => `/lib/ld-musl-${machine}.so.1`).filter(existsSync);
  if (installed !== undefined) return installed;
  const { status } = spawnSync("sh", ["-c", "apt-get download -q musl && dpkg-deb -x musl_*.deb ."], { cwd: work });
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const loader = join(work, `lib/${machine}-linux-musl/libc.so`);
  if (status !== 0 || !existsSync(loader)) skip("There is no musl: install Debian's package musl");
  return loader;
}

/** Only musl and busybox, as in Alpine. */
function musl(work: string): TarEntry[] {
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  return [
    { path: "lib/ld-musl.so.1", file: muslLoader(work), mode: 0o755 },
    copyOf("/bin/busybox"),
    { path: "bin/sh", type: "symlink", target: "busybox" },
  ];
}

interface TestImage extends AsyncDisposable {
  image: string;
}

/** Imports an image. Declare it before the world, so that it outlives its containers. */
async function imageOf(make: (work: string) => TarEntry[], changes: string[] = []): Promise<TestImage> {
  needsEngine();
  const work = mkdtempSync(join(tmpdir(), "flowctl-image-"));
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/custom", tag = crypto.randomUUID().slice(0, 8);
  try {
    const entries = make(work);
    await followProgress(docker.importImage(tarOf(entries), { repo, tag, changes: [...changes, TEST_LABEL] }));
  } catch (error) {
    docker.close();
    throw error;
  } finally {
    rmSync(work, { recursive: true });
  }
  const image = `${repo}:${tag}`;
  return {
    image,
    async [Symbol.asyncDispose]() {
      await docker.getImage(image).remove({ force: true });
      docker.close();
    },
  };
}

const servers = new WeakMap<World, Promise<{ url: string }>>();

async function runOf(world: World, name: string, options: string, body: string) {
  world.file(`${name}.ts`, dockerFlow(name, body, options, `import process from "node:process";`));
  await world.ok(["deployment", "create", `./${name}.ts`]);
  if (!servers.has(world)) servers.set(world, world.server());
  const server = await servers.get(world)!;
  const run = await world.createRun(`${name}/d`);
  const done = await world.finished(server.url, run.id);
  const containers = await world.containers(run.id);
  return { server, run, done, containers, messages: await world.messages(server.url, run.id) };
}

const LOOK = `  console.log(JSON.stringify([process.env.GREETING, process.env.LD_LIBRARY_PATH ?? null, process.cwd(),
    process.getuid?.(), process.getgid?.()]));`;
const CHILD = `  const { spawnSync } = await import("node:child_process");
  console.log("child", spawnSync("/bin/sh", ["-c", "echo $GREETING; echo \${LD_LIBRARY_PATH-none}"]).stdout.toString());`;

const CHANGES = [
  "ENV GREETING=hello",
  "WORKDIR /data",
  // Nothing of a flow's: it has to be neither there nor right.
  'ENTRYPOINT ["/no/such/entrypoint"]',
];

for (
  const { kind, make, changes, look, child } of [
    { kind: "an image like Debian", make: debian, changes: [], look: ["hello", null], child: "child hello\nnone" },
    {
      kind: "an image like Debian with a library path of its own",
      make: debian,
      changes: ["ENV LD_LIBRARY_PATH=/opt/lib"],
      look: ["hello", "/opt/lib"],
      child: "child hello\n/opt/lib",
    },
    {
      kind: "an image of musl and busybox",
      make: musl,
      changes: [],
      look: ["hello", null],
      child: "child hello\nnone",
    },
    {
      kind: "an image FROM scratch",
      make: () => [folder("data")],
      changes: [],
      look: ["hello", null],
      child: undefined,
    },
  ]
) {
  test(`${kind} runs a flow, with its environment, working directory and user`, async () => {
    await using custom = await imageOf(make, [...CHANGES, ...changes, "USER 1234:2345"]);
    await using world = new World();
    const body = LOOK + (child === undefined ? "" : `\n${CHILD}`);
    const { done, messages } = await runOf(
      world,
      "custom",
      `image: "${custom.image}", imagePullPolicy: "Never"`,
      body,
    );
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    const printed = messages.join("\n");
    assert.ok(messages.includes(JSON.stringify([...look, "/data", 1234, 2345])), printed);
    if (child !== undefined) assert.ok(printed.includes(child), printed);
  });
}

test("a flow runs as another user on a root that can't be written, in musl and FROM scratch", async () => {
  await using bare = await imageOf(() => [folder("data")], CHANGES);
  await using small = await imageOf(musl, CHANGES);
  await using world = new World();
  for (const [name, { image }] of [["bare", bare], ["small", small]] as const) {
    const { done, messages } = await runOf(
      world,
      name,
      `image: "${image}", imagePullPolicy: "Never",
  createOptions: { User: "4321", HostConfig: { ReadonlyRootfs: true } }`,
      `${LOOK}
  const { writeFileSync } = await import("node:fs");
  try { writeFileSync("/x", ""); } catch (error) { console.log((error as { code: string }).code); }`,
    );
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    assert.ok(messages.includes(JSON.stringify(["hello", null, "/data", 4321, 0])), messages.join("\n"));
    assert.ok(messages.some((one) => one === "EROFS" || one === "EACCES"), messages.join("\n"));
  }
});

test("a command is started by the image's own entrypoint, with its user, folder and environment", async () => {
  await using custom = await imageOf(musl, [
    "ENV GREETING=hello",
    "WORKDIR /data",
    "USER 1234",
    'ENTRYPOINT ["/bin/busybox","env","ADDED=by-the-entrypoint"]',
  ]);
  await using world = new World();
  const command = JSON.stringify(["/bin/sh", "-c", "echo $ADDED $GREETING $(busybox pwd) $(busybox id -u)"]);
  const { done, messages } = await runOf(
    world,
    "commanded",
    `image: "${custom.image}", imagePullPolicy: "Never", command: ${command}, env: { PATH: "/bin" }`,
    ``,
  );
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(messages.includes("by-the-entrypoint hello /data 1234"), messages.join("\n"));
});

/** An image of another architecture. An engine imports only its own, so this one is loaded. */
async function foreignImage(): Promise<TestImage> {
  needsEngine();
  const docker = await openDocker({ env: process.env });
  const image = `flowctl-test/foreign:${crypto.randomUUID().slice(0, 8)}`;
  const layer = await readAll(tarOf([folder("data")]));
  const diff = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const config = {
    architecture: "riscv64",
    os: "linux",
    config: { Labels: { "dev.flowctl.test": "1" } },
    rootfs: { type: "layers", diff_ids: [diff] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [image], Layers: ["layer.tar"] }];
  await followProgress(docker.loadImage(tarOf([
    { path: "config.json", content: JSON.stringify(config) },
    { path: "layer.tar", content: layer },
    { path: "manifest.json", content: JSON.stringify(manifest) },
  ])));
  return {
    image,
    async [Symbol.asyncDispose]() {
      await docker.getImage(image).remove({ force: true });
      docker.close();
    },
  };
}

test("an image of another architecture is refused before anything is created", async () => {
  await using foreign = await foreignImage();
  await using world = new World();
  const { done, containers } = await runOf(world, "foreign", `image: "${foreign.image}", imagePullPolicy: "Never"`, ``);
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /is for linux\/riscv64\. Use an image for linux\//);
  assert.deepEqual(containers, []);
});

test("an image that has flowctl of the right version uses its own, and one of another version does not", async () => {
  const moved = () =>
    defaultImageEntries(BINARY).map((entry) => entry.path === "flowctl" ? { ...entry, path: "opt/tool" } : entry);
  const labels = (version: string) => [`LABEL dev.flowctl.version=${version}`, "LABEL dev.flowctl.path=/opt/tool"];
  await using right = await imageOf(moved, labels(VERSION));
  await using wrong = await imageOf(moved, labels("0.0.1"));
  await using world = new World();
  for (const [name, { image }, expected] of [["right", right, "/opt/tool"], ["wrong", wrong, "/.flowctl/"]] as const) {
    const { done, messages, containers } = await runOf(
      world,
      name,
      `image: "${image}", imagePullPolicy: "Never"`,
      `  console.log("started by " + process.execPath);`,
    );
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    assert.ok(messages.some((one) => one.startsWith(`started by ${expected}`)), messages.join("\n"));
    const { Mounts } = await (await world.docker).getContainer(containers[0].Id).inspect() as unknown as {
      Mounts: { Destination: string }[];
    };
    assert.equal(Mounts.some(({ Destination }) => Destination === "/.flowctl"), name === "wrong");
  }
});

test("an agent whose own executable can't serve has the binary from the server, and keeps it", async () => {
  const deno = "Deno" in globalThis ? process.execPath : "deno";
  const denoFolder = JSON.parse(spawnSync(deno, ["info", "--json"], { encoding: "utf8" }).stdout).denoDir;
  const main = join(import.meta.dirname!, "../../main.ts");
  await using world = new World();
  await using source = new World([deno, "run", "-A", "--node-modules-dir=manual", main], {
    DENO_DIR: denoFolder,
    NO_COLOR: "1",
  });
  world.file("served.ts", dockerFlow("served", `  console.log("by the server's");`));
  await world.ok(["deployment", "create", "./served.ts"]);
  const server = await world.server(["--no-agent"]);
  const agent = source.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${server.url}/api` } });
  await agent.prints(/Agent started!/);
  const run = await world.createRun("served/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", `${done.state?.message}\n${agent.output()}`);
  const kept = shelfPath(source.home, VERSION, TARGET);
  assert.equal(statSync(kept).size, statSync(BINARY).size);
  assert.equal(statSync(kept).mode & 0o777, 0o700);
  assert.match(agent.output(), /Downloaded flowctl/);
});

/** Makes the deployment `name/d` what another version of flowctl would have made of it. */
async function madeBy(world: World, url: string, name: string, version: string): Promise<void> {
  const client = world.client(url);
  const [old] = (await client.deployments.list()).filter(({ flow_name }) => flow_name === name);
  const runner = old.flow_runner!;
  const image = `flowctl/flowctl:${version}-bun1.4`;
  await client.deployments.create({
    name: old.name,
    flow_id: old.flow_id,
    bundle_hash: old.bundle_hash ?? undefined,
    entrypoint: old.entrypoint ?? undefined,
    flow_runner: { type: "docker", config: { ...runner.config, image } } as never,
    flowctl_version: version,
  });
}

test("a deployment of another version runs with its binary, else with a compatible one, else it says what helps", async () => {
  const compatible = VERSION.replace(/\d+$/, "987");
  await using world = new World();
  world.file("aged.ts", dockerFlow("aged", `  console.log("still here");`));
  await world.ok(["deployment", "create", "./aged.ts"]);
  const server = await world.server();
  const docker = await world.docker;

  await madeBy(world, server.url, "aged", "0.0.1");
  const refused = await world.finished(server.url, (await world.createRun("aged/d")).id);
  assert.equal(refused.state_type, "FAILED");
  assert.match(refused.state!.message!, /flowctl 0\.0\.1 .*flowctl deployment create/);

  await madeBy(world, server.url, "aged", compatible);
  const run = await world.createRun("aged/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const messages = await world.messages(server.url, run.id);
  assert.ok(messages.some((one) => one.startsWith(`Running with flowctl ${VERSION}:`)), messages.join("\n"));

  const older = shelfPath(world.home, "0.0.1", TARGET);
  mkdirSync(dirname(older), { recursive: true });
  copyFileSync(BINARY, older);
  chmodSync(older, 0o700);
  await madeBy(world, server.url, "aged", "0.0.1");
  try {
    const again = await world.createRun("aged/d");
    const ended = await world.finished(server.url, again.id);
    assert.equal(ended.state_type, "COMPLETED", ended.state?.message ?? "");
    const [{ Image }] = await world.containers(again.id);
    assert.equal(Image, "flowctl/flowctl:0.0.1-bun1.4");
  } finally {
    await docker.getImage("flowctl/flowctl:0.0.1-bun1.4").remove({ force: true });
  }
});
