/**
 * `flowctl doctor` on a real engine: all is well, and what it says when something is not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { needsEngine, skip, test } from "../testing/test.ts";
import { silentServer } from "./odd_engine.ts";
import { dockerConfig, LOGIN, Registry } from "./registry.ts";
import { BINARY, World } from "./support.ts";

interface Found {
  check: string;
  status: string;
  message: string;
  fix: string | null;
}

async function doctor(world: World, args: string[] = [], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await world.run(["doctor", "-o", "json", ...args], { env });
  assert.ok(stdout.startsWith("["), `doctor printed no list:\n${stdout}${stderr}`);
  const found = JSON.parse(stdout) as Found[];
  for (const one of found) {
    assert.equal(one.fix === null, one.status === "ok", JSON.stringify(one));
    assert.ok(!`${one.message}${one.fix}`.includes("\n"), JSON.stringify(one));
  }
  return { code, found, of: (name: string) => found.find(({ check }) => check === name) };
}

test("beside a server all checks are well, a container reaches the API, and nothing is left behind", async () => {
  await using world = new World();
  await world.server();
  const { code, found } = await doctor(world);
  assert.deepEqual(
    found.map(({ check, status }) => [check, status]),
    ["home", "api", "engine", "disk", "binary", "clock", "dns", "reach"].map((check) => [check, "ok"]),
    JSON.stringify(found),
  );
  assert.equal(code, 0);
  const docker = await world.docker;
  const filters = { label: [`dev.flowctl.installation=${world.installation()}`] };
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
});

test("without a server doctor warns, and exits with 0", async () => {
  await using world = new World();
  const { code, of } = await doctor(world, ["--only", "api", "--only", "reach"]);
  assert.deepEqual([of("api")?.status, of("reach")?.status, code], ["warn", "ok", 0]);
  assert.match(of("api")!.fix!, /flowctl orion start/);
});

test("an engine and an API that are away, and a name that does not resolve, each fail with what to do", async () => {
  await using world = new World();
  const { code, of } = await doctor(world, [], {
    DOCKER_HOST: `unix://${join(world.root, "none.sock")}`,
    FLOWCTL_API_URL: "http://no-such-host.invalid:4200/api",
  });
  assert.equal(code, 1);
  for (const name of ["engine", "api", "dns"]) assert.equal(of(name)?.status, "fail", name);
  assert.match(of("engine")!.message, /none\.sock/);
  assert.match(of("dns")!.message, /no-such-host\.invalid/);
  assert.equal(of("reach"), undefined);
});

test("a user who may not use the engine's socket is told which group may", async () => {
  const socket = "/var/run/docker.sock";
  if (process.getuid?.() !== 0 || process.env.DOCKER_HOST) {
    skip("Only root can become another user, on the local socket");
  }
  for (let folder = dirname(BINARY); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) skip("Other users do not reach the binary");
  }
  accessSync(socket, constants.R_OK);
  const { gid, mode } = statSync(socket);
  if (gid === 0 || (mode & 0o006) !== 0) skip("The engine's socket has no group of its own");
  await using world = new World(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BINARY]);
  for (const folder of [world.root, world.work]) chmodSync(folder, 0o755);
  mkdirSync(world.home);
  chmodSync(world.home, 0o777);
  const { code, of } = await doctor(world, ["--only", "engine"], { HOME: "/nonexistent" });
  assert.deepEqual([of("engine")?.status, code], ["fail", 1]);
  assert.match(of("engine")!.message, /may not use the Docker Engine at ".*": its socket belongs to group "\S+"/);
  assert.match(of("engine")!.fix!, /as root: usermod -aG \S+ USER\), then log in again$/);
});

test("an image that no registry has fails, and without an image no registry is asked", async () => {
  await using world = new World();
  // Nobody listens on the port, so the engine is refused at once.
  const image = "127.0.0.1:1/nobody/has:this";
  const asked = await doctor(world, ["--only", "registry", "--image", image]);
  assert.deepEqual([asked.found.length, asked.of("registry")?.status, asked.code], [1, "fail", 1]);
  const silent = await doctor(world, ["--only", "registry"]);
  assert.deepEqual([silent.found.length, silent.code], [0, 0]);
});

test("a registry with a password is asked with the login that the docker configuration has", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push()}`;
  await using world = new World();
  const ask = () => doctor(world, ["--only", "registry", "--image", image]);
  const none = await ask();
  assert.deepEqual([none.of("registry")?.status, none.code], ["fail", 1]);
  assert.ok(none.of("registry")!.fix!.includes(`docker login ${registry.host}`), none.of("registry")!.fix!);
  world.file("../.docker/config.json", dockerConfig(registry.host, { ...LOGIN, password: "open-barley" }));
  assert.match((await ask()).of("registry")!.fix!, /did not take the login/);
  world.file("../.docker/config.json", dockerConfig(registry.host));
  const right = await ask();
  assert.deepEqual([right.of("registry")?.status, right.code], ["ok", 0], String(right.of("registry")?.message));
});

test("where containers reach the API by URL that way is tried, and told with what helps when it leads nowhere", async () => {
  needsEngine();
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  const alone = await doctor(world, ["--only", "reach", "--only", "disk"]);
  assert.deepEqual([alone.of("reach")?.status, alone.of("disk")?.status, alone.code], ["warn", "ok", 0]);
  assert.match(alone.of("reach")!.message, /by URL, because FLOWCTL_API_WAY says so, and no server runs/);
  // Loopback is not what a container finds under this name.
  const server = await world.server(["--no-agent"]);
  const { port } = new URL(server.url);
  const { code, of } = await doctor(world, ["--only", "reach"]);
  assert.deepEqual([of("reach")?.status, code], ["fail", 1]);
  assert.match(of("reach")!.message, new RegExp(`no answer at "http://host\\.docker\\.internal:${port}/api"`));
  assert.match(of("reach")!.fix!, /FLOWCTL_CONTAINER_API_URL/);
  const docker = await world.docker;
  const filters = { label: [`dev.flowctl.installation=${world.installation()}`] };
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
});

test("a home whose disk is nearly full is a warning, and a full one a failure", async () => {
  if (process.getuid?.() !== 0) skip("Only root can mount a small disk");
  await using world = new World();
  const disk = join(world.root, "small");
  mkdirSync(disk);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=200m", "tmpfs", disk]).status !== 0) {
    skip("Nothing can be mounted");
  }
  try {
    const look = () => doctor(world, ["--only", "home"], { FLOWCTL_HOME: join(disk, "home") });
    const scarce = await look();
    assert.deepEqual([scarce.of("home")?.status, scarce.code], ["warn", 0]);
    assert.match(scarce.of("home")!.message, /nearly full: \d+ MB are free/);
    writeFileSync(join(disk, "filler"), new Uint8Array(150e6));
    const full = await look();
    assert.deepEqual([full.of("home")?.status, full.code], ["fail", 1]);
    assert.match(full.of("home")!.fix!, /Free some space/);
  } finally {
    spawnSync("umount", [disk]);
  }
});

test("an engine and an API that take connections and never answer are told within seconds", async () => {
  await using silent = await silentServer();
  await using world = new World();
  const since = Date.now();
  const { code, of, found } = await doctor(world, [], {
    DOCKER_HOST: `tcp://127.0.0.1:${silent.port}`,
    FLOWCTL_API_URL: `http://127.0.0.1:${silent.port}/api`,
  });
  assert.equal(code, 1);
  assert.ok(Date.now() - since < 40_000, String(Date.now() - since));
  assert.deepEqual([of("engine")?.status, of("api")?.status], ["fail", "fail"]);
  assert.match(of("engine")!.message, /did not answer in time/);
  assert.deepEqual(found.map(({ check }) => check), ["home", "api", "engine", "dns"]);
});
