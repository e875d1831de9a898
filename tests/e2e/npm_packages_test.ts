/**
 * `EXTRA_NPM_PACKAGES`: packages that are installed where a run starts, from a registry on this machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { SOME_PACKAGES, startNpmRegistry } from "../testing/npm_registry.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { CERTIFICATE, KEY } from "../support/fixtures/tls.ts";
import { until, World } from "./support.ts";

const TOKEN = "a-token-that-nobody-may-see";

/** Packages are imported at the top, as one writes it. */
const flowFile = (name: string, runner: string, body = `console.log(pad("7", 3, "0"), String(isOdd(7)), version);`) =>
  `import pad from "left-pad";
import isOdd, { version } from "is-odd";
import { DeploymentSpec, DockerFlowRunner, flow, SubprocessFlowRunner } from "flowctl";

const f = flow(${JSON.stringify(name)}, () => {
  ${body}
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new ${runner} });
`;
const env = (registry?: string) =>
  `env: { EXTRA_NPM_PACKAGES: "left-pad is-odd@3"${
    registry === undefined ? "" : `, NPM_CONFIG_REGISTRY: "${registry}"`
  } }`;

/** Creates the deployment `NAME/d`, runs it, and waits for its end. */
async function ended(world: World, name: string, text: string) {
  world.file(`${name}.ts`, text);
  await world.ok(["deployment", "create", `./${name}.ts`]);
  const server = await world.server();
  const run = await world.createRun(`${name}/d`);
  const done = await world.finished(server.url, run.id);
  return { server, run, done, messages: await world.messages(server.url, run.id) };
}

test("the default image installs npm packages at its start and the flow imports them", async () => {
  needsEngine();
  await using registry = await startNpmRegistry(SOME_PACKAGES);
  await using world = new World();
  const runner = `DockerFlowRunner({ networkMode: "host", ${env(registry.url)} })`;
  const body = `console.log(pad("7", 3, "0"), String(isOdd(7)), version);
  console.log("authorities: " + existsSync(process.env.SSL_CERT_FILE));`;
  const text = `import { existsSync } from "node:fs";\n${flowFile("default-image", runner, body)}`;
  const { done, messages, run, server } = await ended(world, "default-image", text);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(messages.includes("007 true 3.0.1"), messages.join("\n"));
  // These the agent sends, which may be a moment after the run's own.
  await until("what was installed is in the log", async () => {
    const lines = await world.messages(server.url, run.id);
    return lines.includes("Installing npm packages: left-pad is-odd@3") &&
      lines.some((line) => /^Installed npm packages: left-pad is-odd@3 in \d+\.\d\d s$/.test(line));
  });
  assert.ok(registry.requests.some(({ path }) => path === "/left-pad"));
  assert.ok(messages.includes("authorities: true"), messages.join("\n"));
});

const BUSYBOX = "/bin/busybox";

test("a custom image without flowctl and without libc installs them too, as any user, read-only", async () => {
  needsEngine();
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/npm", tag = crypto.randomUUID().slice(0, 8), image = `${repo}:${tag}`;
  const files = [{ path: "bin", type: "directory" as const }, { path: "bin/busybox", file: BUSYBOX, mode: 0o755 }];
  await followProgress(docker.importImage(tarOf(files), { repo, tag, changes: ["LABEL dev.flowctl.test=1"] }));
  try {
    await using registry = await startNpmRegistry(SOME_PACKAGES);
    await using world = new World();
    const runner = `DockerFlowRunner({ image: "${image}", imagePullPolicy: "Never", networkMode: "host", ${
      env(registry.url)
    }, createOptions: { User: "1000", HostConfig: { ReadonlyRootfs: true } } })`;
    const body = `console.log(pad("7", 3, "0"), String(isOdd(7)), version, process.env.LD_LIBRARY_PATH ?? "none");`;
    const { done, messages } = await ended(world, "custom-image", flowFile("custom-image", runner, body));
    assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
    assert.ok(messages.includes("007 true 3.0.1 none"), messages.join("\n"));
  } finally {
    await docker.getImage(image).remove({ force: true });
    docker.close();
  }
});

/** Looks for the token wherever a container's layer may have it. */
const LOOK = `import { readdirSync, readFileSync, writeFileSync } from "node:fs";
function look() {
  const token = /_authToken=(.+)/.exec(readFileSync("/.flowctl-run/npmrc", "utf8"))[1];
  try {
    writeFileSync("/.flowctl-run/npmrc", "");
    return "may be written";
  } catch {}
  const folders = ["/tmp", "/root", "/etc", "/dev/shm"];
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile()).map((entry) => entry.parentPath + "/" + entry.name);
  if (!files.some((file) => file.includes("/node_modules/left-pad/"))) return "looked in the wrong place";
  const found = files.filter((file) => readFileSync(file, "utf8").includes(token));
  if (found.length > 0) return "is in " + found;
  return JSON.stringify(process.env).includes(token) ? "is in the environment" : "may be read, not written, and is nowhere else";
}
`;
const LOOKING = `console.log(pad("7", 3, "0"), String(isOdd(7)), version);
  console.log(look());`;

test("the agent's user's registry and token are handed in, and the token is in no environment, label, layer or log", async () => {
  needsEngine();
  await using registry = await startNpmRegistry(SOME_PACKAGES, { token: TOKEN });
  await using world = new World();
  writeFileSync(
    join(world.root, ".npmrc"),
    `registry=${registry.url}\n//${registry.place}:_authToken=${TOKEN}\nunsafe-perm=true\n`,
  );
  const runner = `DockerFlowRunner({ networkMode: "host", ${env()} })`;
  const { done, messages, run, server } = await ended(world, "token", LOOK + flowFile("token", runner, LOOKING));
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(registry.requests.every(({ authorization }) => authorization === `Bearer ${TOKEN}`));
  assert.ok(messages.includes("007 true 3.0.1"));
  const docker = await world.docker;
  const [{ Id }] = await world.containers(run.id);
  const container = docker.getContainer(Id);
  const inspected = await container.inspect();
  assert.ok(!JSON.stringify(inspected).includes(TOKEN));
  assert.ok(inspected.Mounts?.find(({ Destination }) => Destination === "/.flowctl-run")?.RW === false);
  assert.ok(!JSON.stringify(await docker.getImage(inspected.Image).inspect()).includes(TOKEN));
  // What its layer and its environment hold when the flow begins, as the container itself sees it.
  assert.ok(messages.includes("may be read, not written, and is nowhere else"), messages.join("\n"));
  const all = await until("the last line is in the log", async () => {
    const lines = await world.messages(server.url, run.id);
    return lines.some((line) => line.startsWith("Installed npm packages")) && lines.join("\n");
  });
  assert.ok(!all.includes(TOKEN));
  assert.ok(!server.output().includes(TOKEN));
  assert.ok(!(await world.ok(["flow-run", "inspect", run.id])).includes(TOKEN));
  await until("what was handed in goes with the run", () => filesWith(world.home, TOKEN).length === 0);
});

test("by URL registry, token and authorities are handed in too, and the token is in no environment, label, layer or log", async () => {
  needsEngine();
  await using registry = await startNpmRegistry(SOME_PACKAGES, { token: TOKEN, tls: { cert: CERTIFICATE, key: KEY } });
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  writeFileSync(join(world.root, ".npmrc"), `registry=${registry.url}\n//${registry.place}:_authToken=${TOKEN}\n`);
  const extra = join(world.root, "company.pem");
  writeFileSync(extra, CERTIFICATE);
  world.file(
    "by-url.ts",
    flowFile("by-url", `DockerFlowRunner({ networkMode: "host", ${env()}, createOptions: { User: "1000" } })`),
  );
  await world.ok(["deployment", "create", "./by-url.ts"]);
  const server = await world.server([], { NODE_EXTRA_CA_CERTS: extra });
  const run = await world.createRun("by-url/d");
  const { state } = await world.finished(server.url, run.id);
  assert.equal(state?.type, "COMPLETED", state?.message ?? "");
  assert.ok(registry.requests.every(({ authorization }) => authorization === `Bearer ${TOKEN}`));
  const messages = await world.messages(server.url, run.id);
  assert.ok(messages.includes("007 true 3.0.1"), messages.join("\n"));
  assert.ok(!messages.join("\n").includes(TOKEN) && !server.output().includes(TOKEN));
  const [{ Id }] = await world.containers(run.id);
  const inspected = await (await world.docker).getContainer(Id).inspect();
  assert.ok(!JSON.stringify(inspected).includes(TOKEN));
  // Of its folder the container's own layer has nothing but the place for it.
  assert.ok(inspected.Mounts!.some(({ Type, Destination }) => Type === "volume" && Destination === "/.flowctl-run"));
  const engine = createNodeFetch({ socketPath: "/var/run/docker.sock" });
  try {
    const changes = await (await engine(`http://localhost/v1.41/containers/${Id}/changes`)).json() as {
      Path: string;
    }[];
    assert.deepEqual(changes.map(({ Path }) => Path).filter((path) => path.startsWith("/.flowctl-run/")), []);
  } finally {
    engine.close();
  }
  await until("what was handed in goes with the run", () => filesWith(world.home, TOKEN).length === 0);
});

test("packages that create options or an image's environment name are installed too, with what is handed in", async () => {
  needsEngine();
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  const docker = await openDocker({ env: process.env });
  const repo = "flowctl-test/npm-env", tag = crypto.randomUUID().slice(0, 8), image = `${repo}:${tag}`;
  const files = [{ path: "bin", type: "directory" as const }, { path: "bin/busybox", file: BUSYBOX, mode: 0o755 }];
  const changes = ["LABEL dev.flowctl.test=1", 'ENV EXTRA_NPM_PACKAGES="left-pad is-odd@3"'];
  await followProgress(docker.importImage(tarOf(files), { repo, tag, changes }));
  try {
    await using registry = await startNpmRegistry(SOME_PACKAGES, { token: TOKEN });
    await using world = new World();
    writeFileSync(join(world.root, ".npmrc"), `registry=${registry.url}\n//${registry.place}:_authToken=${TOKEN}\n`);
    const createOptions = `createOptions: { Env: ["EXTRA_NPM_PACKAGES=left-pad is-odd@3"] }`;
    world.file("options.ts", flowFile("options", `DockerFlowRunner({ networkMode: "host", ${createOptions} })`));
    // What an image has is not known where a deployment is created, so it is imported by a name that is only known later.
    const body = `const pad = (await import(["left", "pad"].join("-"))).default;
  console.log(pad("7", 3, "0"));`;
    world.file(
      "of-image.ts",
      `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
const f = flow("of-image", async () => {
  ${body}
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new DockerFlowRunner({ image: "${image}", imagePullPolicy: "Never", networkMode: "host" }) });
`,
    );
    const server = await world.server();
    for (const name of ["options", "of-image"]) {
      await world.ok(["deployment", "create", `./${name}.ts`]);
      const run = await world.createRun(`${name}/d`);
      const { state } = await world.finished(server.url, run.id);
      assert.equal(state?.type, "COMPLETED", `${name}: ${state?.message}`);
      const messages = await world.messages(server.url, run.id);
      assert.ok(messages.some((line) => line.startsWith("007")), messages.join("\n"));
    }
    assert.ok(registry.requests.length > 0);
    assert.ok(registry.requests.every(({ authorization }) => authorization === `Bearer ${TOKEN}`));
  } finally {
    await docker.getImage(image).remove({ force: true });
    docker.close();
  }
});

test("cancelling a run that installs packages ends it, and its container", async () => {
  needsEngine();
  // A registry that takes connections and never answers.
  const sockets = new Set<Socket>();
  const registry = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  try {
    await using world = new World();
    const { port } = registry.address() as AddressInfo;
    const runner = `DockerFlowRunner({ networkMode: "host", ${env(`http://127.0.0.1:${port}/`)} })`;
    world.file("slow.ts", flowFile("slow", runner));
    await world.ok(["deployment", "create", "./slow.ts"]);
    const server = await world.server();
    const run = await world.createRun("slow/d");
    await until("the registry is asked", () => sockets.size > 0);
    const since = Date.now();
    await world.ok(["flow-run", "cancel", run.id]);
    const { state } = await world.finished(server.url, run.id);
    assert.equal(state?.type, "CANCELLED", state?.message ?? "");
    // Not by SIGKILL, which comes after 30 seconds.
    assert.ok(Date.now() - since < 20_000, String(Date.now() - since));
    await until("its container has ended", async () => (await world.containers(run.id))[0].State === "exited");
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => registry.close(resolve));
  }
});

test("where no socket is mounted they are handed in too, outside of the container's layer", async () => {
  needsEngine();
  await using registry = await startNpmRegistry(SOME_PACKAGES, { token: TOKEN });
  await using world = new World();
  writeFileSync(join(world.root, ".npmrc"), `registry=${registry.url}\n//${registry.place}:_authToken=${TOKEN}\n`);
  world.file("by-url.ts", flowFile("by-url", `DockerFlowRunner({ networkMode: "host", ${env()} })`));
  await world.ok(["deployment", "create", "./by-url.ts"]);
  const server = await world.server([], { FLOWCTL_API_WAY: "url" });
  const run = await world.createRun("by-url/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok((await world.messages(server.url, run.id)).includes("007 true 3.0.1"));
  const container = (await world.docker).getContainer((await world.containers(run.id))[0].Id);
  const inspected = await container.inspect();
  assert.ok(!JSON.stringify(inspected).includes(TOKEN));
  assert.equal(inspected.Mounts?.find(({ Destination }) => Destination === "/.flowctl-run")?.Type, "volume");
  await container.remove({ force: true, v: true });
});

test("a subprocess installs them with its agent's registry and leaves nothing behind", async () => {
  await using registry = await startNpmRegistry(SOME_PACKAGES, { token: TOKEN });
  await using world = new World();
  writeFileSync(join(world.root, ".npmrc"), `registry=${registry.url}\n//${registry.place}:_authToken=\${MY_TOKEN}\n`);
  world.file("sub.ts", flowFile("sub", `SubprocessFlowRunner({ ${env()} })`));
  await world.ok(["deployment", "create", "./sub.ts"]);
  const server = await world.server([], { MY_TOKEN: TOKEN });
  const run = await world.createRun("sub/d");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const messages = await world.messages(server.url, run.id);
  assert.ok(messages.includes("007 true 3.0.1"), messages.join("\n"));
  assert.ok(!messages.join("\n").includes(TOKEN));
  await server.stop();
  const runs = join(world.home, "run");
  assert.deepEqual(existsSync(runs) ? readdirSync(runs) : [], []);
});

test("a registry is trusted by the authorities of the agent's user, which are handed in", async () => {
  needsEngine();
  await using registry = await startNpmRegistry(SOME_PACKAGES, { tls: { cert: CERTIFICATE, key: KEY } });
  await using world = new World();
  const extra = join(world.root, "company.pem");
  writeFileSync(extra, CERTIFICATE);
  const runner = `DockerFlowRunner({ networkMode: "host", ${env(registry.url)} })`;
  world.file("trusted.ts", flowFile("trusted", runner));
  await world.ok(["deployment", "create", "./trusted.ts"]);
  const once = async (variables: Record<string, string>) => {
    const server = await world.server([], variables);
    const run = await world.createRun("trusted/d");
    const { state } = await world.finished(server.url, run.id);
    await server.stop();
    return `${state?.type} ${state?.message}`;
  };
  assert.match(await once({ NODE_EXTRA_CA_CERTS: extra }), /^COMPLETED/);
  assert.match(await once({}), /^FAILED Cannot install npm packages "left-pad is-odd@3": .*(CERT|certificate)/);
});

test("a package that does not exist makes the run Failed with the installer's reason", async () => {
  await using registry = await startNpmRegistry({});
  await using world = new World();
  const runner = `SubprocessFlowRunner({ ${env(registry.url.replace("//", "//somebody:secret@"))} })`;
  const { done, messages } = await ended(world, "gone", flowFile("gone", runner));
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /^Cannot install npm packages "left-pad is-odd@3": .*left-pad.* 404/);
  assert.ok(!`${done.state!.message} ${messages.join(" ")}`.includes("secret"));
});

test("on network none the run is Failed with the reason within seconds", async () => {
  needsEngine();
  await using world = new World();
  const runner = `DockerFlowRunner({ networkMode: "none", ${env("http://127.0.0.1:9/")} })`;
  const { done } = await ended(world, "nowhere", flowFile("nowhere", runner));
  assert.equal(done.state_type, "FAILED");
  assert.match(done.state!.message!, /^Cannot install npm packages "left-pad is-odd@3": ConnectionRefused/);
  const tookMs = Date.parse(done.state!.timestamp) - Date.parse(done.created!);
  assert.ok(tookMs < 10_000, String(tookMs));
});

test("a word that names no package is refused when the deployment is created", async () => {
  await using world = new World();
  for (
    const word of ["--registry=http://x", "../here", "git+ssh://u:secret@x/y", "x.tgz", "a@file:../b", "owner/name"]
  ) {
    world.file("bad.ts", flowFile("bad", `SubprocessFlowRunner({ env: { EXTRA_NPM_PACKAGES: "left-pad ${word}" } })`));
    const { code, stderr, stdout } = await world.run(["deployment", "create", "./bad.ts"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /Cannot use EXTRA_NPM_PACKAGES: ".+" is not the name of an npm package/);
    assert.ok(!(stderr + stdout).includes("secret"));
  }
});

test("a missing package that no runner names is an error that says both ways", async () => {
  await using world = new World();
  world.file("none.ts", flowFile("none", "SubprocessFlowRunner()"));
  const { code, stderr } = await world.run(["deployment", "create", "./none.ts"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /not installed beside the file at .*none\.ts:[12]:/);
  assert.match(stderr, /EXTRA_NPM_PACKAGES/);
});

/** Files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => existsSync(file) && readFileSync(file).includes(text));
}
