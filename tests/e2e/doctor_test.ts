/**
 * `flowctl doctor` on a real engine: all is well, and what it says when something is not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { accessSync, chmodSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { skip, test } from "../testing/test.ts";
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
  assert.match(of("engine")!.fix!, /^As root: usermod -aG \S+ USER, then log in again$/);
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
