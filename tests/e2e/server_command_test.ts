/**
 * `flowctl server` on the compiled binary: both ports, data, the network in the engine, stopping, going on alone.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readFile } from "node:fs/promises";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { type Running, until, World } from "./support.ts";

/** What `server.json` says. */
interface Said {
  pid: number;
  url: string;
  ui_url?: string;
}

/** A world whose server makes a network of its own, which goes with it, as does a server that was left running. */
async function serverWorld(more: Record<string, string> = {}) {
  const network = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  const world = new World(undefined, { FLOWCTL_SERVER_NETWORK: network, ...more });
  const docker = await world.docker;
  return {
    world,
    network,
    said: (): Said => JSON.parse(readFileSync(join(world.home, "server.json"), "utf8")),
    /** Starts it on ports that the system chooses and waits until it says that it is there. */
    async start(args: string[] = [], env: Record<string, string> = {}): Promise<Running & Said> {
      const running = world.start(["server", "start", "--server-port", "0", "--ui-port", "0", ...args], { env });
      await running.prints(/The API is at http:\/\/localhost:\d+\/api/);
      return Object.assign(running, this.said());
    },
    networks: async () =>
      (await docker.listNetworks({ filters: { name: [network] } })).filter((one) => one.Name === network),
    async [Symbol.asyncDispose]() {
      if (existsSync(join(world.home, "server.json"))) await world.run(["server", "stop"]);
      for (const { Id } of await this.networks().catch(() => [])) await docker.getNetwork(Id).remove().catch(() => {});
      await world[Symbol.asyncDispose]();
    },
  };
}

const DETACHED = ["server", "start", "--server-port", "0", "--ui-port", "0", "--detach"];

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A process that ended waits for its parent to look; where there is none that does, it waits for ever.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Whether somebody listens on the port of an address. */
const listens = (url: string) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

test("seed 000 until its project: server, page, backend, project", async () => {
  await using at = await serverWorld();
  const { world } = at;
  // Another shell would have neither variable; the network's only keeps this test apart from others.
  const server = await at.start(["--expose"]);
  await server.prints(/WELCOME TO\n\n +___ _ +_____/);
  await server.prints(new RegExp(`Visit http://localhost:${new URL(server.ui_url!).port} to get started`));
  const page = await fetch(server.ui_url!);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<div id="app">/);

  assert.equal(await world.ok(["backend"]), `Backend: ephemeral\nSaid by: default\nAPI:     ${server.url}/api\n`);
  assert.equal(await world.ok(["backend", "server"]), "Backend switched to server\n");
  assert.equal(await world.ok(["create", "project", "docker_1_project"]), "docker_1_project created\n");
  const projects = await world.ok(["get", "projects", "-n", "docker_1_project"]);
  assert.match(projects, /^NAME +FLOW COUNT +AGE +DESCRIPTION\ndocker_1_project +0 +(now|.* ago)\n$/);
  const seen = await fetch(`${server.ui_url}/api/projects/docker_1_project`);
  assert.equal((await seen.json()).name, "docker_1_project");
  const asked = await fetch(`${server.ui_url}/api/projects/docker_1_project`);
  assert.equal((await asked.json()).flow_count, 0, "as the page of projects asks");

  if (process.env.FLOWCTL_TEST_ENGINE === "1") assert.equal((await at.networks()).length, 1);
  const stopped = await server.stop("SIGINT");
  assert.equal(stopped.code, 0, server.output());
  assert.match(stopped.stdout, /Stopping the server\.\.\.\nThe server is stopped\n$/);
});

test("--expose listens for others, who need the token that is shown once", async () => {
  await using at = await serverWorld();
  const server = await at.start(["--expose"]);
  const [, token] = await server.prints(/The first ADMIN token, which is shown only this once: (\S+)/);
  const path = "/api/projects/default";
  const ask = (headers: Record<string, string>) => fetch(server.url + path, { headers });
  const elsewhere = Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal);
  if (elsewhere !== undefined) {
    const foreign = await fetch(`http://${elsewhere.address}:${new URL(server.url).port}${path}`);
    assert.equal(foreign.status, 401);
    assert.match((await foreign.json()).detail, /token/);
  }
  const trusted = await ask({});
  assert.equal(trusted.status, 200);
  const wrong = await ask({ authorization: "Bearer fct_wrong" });
  assert.equal(wrong.status, 401);
  const right = await ask({ authorization: `Bearer ${token}` });
  assert.equal(right.status, 200);
  for (const answer of [trusted, wrong, right]) await answer.body?.cancel();
  assert.equal((await server.stop()).code, 0);
  const again = await at.start(["--expose"]);
  await again.stop();
  assert.doesNotMatch(again.output(), /first ADMIN token/);
});

test("trap 15: what a server keeps is there when it is started again, without any option", async () => {
  await using at = await serverWorld();
  const first = await at.start();
  await at.world.ok(["create", "project", "kept", "-d", "for good"]);
  const flow = await at.world.client(first.url).flows.create({ name: "f", project: "kept" });
  await at.world.ok(["server", "stop"]);
  assert.equal((await first.exited).code, 0);
  const second = await at.start();
  assert.match(await at.world.ok(["get", "projects", "-n", "kept"]), /kept +1 +.* +for good/);
  assert.deepEqual(await at.world.client(second.url).flows.readByName("f", "kept"), flow);
});

test("trap 16: the API answers on the page's port, so that a page never needs another address", async () => {
  await using at = await serverWorld();
  const { url, ui_url } = await at.start();
  const headers = { "content-type": "application/json", origin: ui_url!, "sec-fetch-site": "same-origin" };
  const body = JSON.stringify({ name: "from_the_page" });
  const made = await fetch(`${ui_url}/api/projects/`, { method: "POST", headers, body });
  assert.equal(made.status, 201);
  await made.body?.cancel();
  const read = await fetch(`${url}/api/projects/from_the_page`);
  assert.equal(read.status, 200);
  await read.body?.cancel();
});

test("trap 17: the server needs its two ports and no others; one that is taken is named with its option", async () => {
  await using at = await serverWorld();
  const server = await at.start();
  const inode = (line: string) => line.trim().split(/\s+/)[9];
  const table = await readFile(`/proc/${server.pid}/net/tcp`, "utf8");
  const listening = table.split("\n").filter((line) => line.trim().split(/\s+/)[3] === "0A");
  const own = readdirSync(`/proc/${server.pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${server.pid}/fd/${fd}`);
    } catch {
      return "";
    }
  });
  assert.equal(listening.filter((line) => own.includes(`socket:[${inode(line)}]`)).length, 2);

  await using other = await serverWorld();
  const port = new URL(server.ui_url!).port;
  for (const option of ["--ui-port", "--server-port"]) {
    const rest = option === "--ui-port" ? ["--server-port", "0"] : ["--ui-port", "0"];
    for (const detach of [[], ["--detach"]]) {
      const refused = await other.world.run(["server", "start", option, port, ...rest, ...detach]);
      assert.equal(refused.code, 5, refused.stderr);
      assert.match(refused.stderr, new RegExp(`Error: Cannot listen on "127.0.0.1:${port}": the port is in use\n`));
      assert.match(refused.stderr, new RegExp(`or choose another with ${option}\\.`));
    }
  }
  assert.deepEqual(await other.networks(), []);
});

test("--detach returns when the server is healthy; its log is in the home; stop waits until it is gone", async () => {
  await using at = await serverWorld();
  const { world } = at;
  const printed = await world.ok(DETACHED);
  const { pid, url, ui_url } = at.said();
  assert.match(printed, /WELCOME TO/);
  assert.match(printed, new RegExp(`The server runs as process ${pid}, its log is ${world.home}/server\\.log\n`));
  assert.equal(await (await fetch(`${url}/api/health`)).json(), true);
  assert.equal(await (await fetch(`${ui_url}/api/health`)).json(), true);
  assert.equal(statSync(join(world.home, "server.log")).mode & 0o777, 0o600);
  const second = await world.run(DETACHED);
  assert.equal(second.code, 5);
  assert.match(second.stderr, /^Error: Cannot start a server: one already serves home/m);
  assert.equal(at.said().pid, pid, "the first one goes on");

  const stopped = await world.ok(["server", "stop"]);
  assert.ok(stopped.startsWith(`Stopped the server at ${url}, process ${pid}\n`), stopped);
  assert.equal(isAlive(pid), false);
  assert.deepEqual(await Promise.all([url, ui_url!].map(listens)), [false, false]);
  const none = await world.run(["server", "stop"]);
  assert.equal(none.code, 0);
  assert.match(none.stdout, /^No server runs on home /);
});

test("the first token of a detached server goes to its user's terminal and to no log", async () => {
  await using at = await serverWorld();
  const [, token] = /shown only this once: (\S+)/.exec(await at.world.ok([...DETACHED, "--expose"])) ?? [];
  assert.ok(token);
  const { url } = at.said();
  const answer = await fetch(`${url}/api/projects/default`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
  await at.world.ok(["server", "stop"]);
  assert.equal(readFileSync(join(at.world.home, "server.log"), "utf8").includes(token), false);
});

test("a server goes on without an engine, and says that it made no network", async () => {
  await using at = await serverWorld({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
  const server = await at.start(["--hide-welcome"]);
  await server.prints(/WARNING - flowctl \| No network was made for containers: .*\/nowhere\/docker\.sock/);
  assert.doesNotMatch(server.stdout(), /WELCOME/);
  assert.equal((await server.stop()).code, 0);
});

test("without --no-ui pages are there, with it neither they nor their port", async () => {
  await using at = await serverWorld();
  const server = await at.start(["--no-ui"]);
  assert.equal(server.ui_url, undefined);
  await server.prints(/The page is switched off by --no-ui/);
  const page = await fetch(server.url);
  assert.equal(page.status, 404);
  await page.body?.cancel();
});

test("the network of the server is a bridge with this home's label, and goes with the server", async () => {
  needsEngine();
  await using at = await serverWorld();
  const server = await at.start();
  const [network] = await at.networks();
  assert.equal(network.Driver, "bridge");
  assert.equal(network.Labels?.["dev.flowctl.installation"], at.world.installation());
  await at.world.ok(["server", "stop"]);
  await server.exited;
  assert.deepEqual(await at.networks(), []);
});

test("a network that a killed server left is taken away by the next stop", async () => {
  needsEngine();
  await using at = await serverWorld();
  const server = await at.start();
  await server.stop("SIGKILL");
  assert.equal((await at.networks()).length, 1);
  const stopped = await at.world.ok(["server", "stop"]);
  assert.match(stopped, /^No server runs on home .*\nRemoved network /);
  assert.deepEqual(await at.networks(), []);
});

test("trap 20: server stop touches no container, and no network that is used or somebody else's", async () => {
  needsEngine();
  const busybox = await readFile("/bin/busybox").catch(() => skip("There is no /bin/busybox to make an image of"));
  await using at = await serverWorld();
  const docker = await at.world.docker;
  const id = at.network;
  const labels = { "dev.flowctl.test": id };
  const rootfs = tarOf([{ path: "bin/busybox", mode: 0o755, content: busybox }]);
  await followProgress(docker.importImage(rootfs, { repo: id, tag: "1" }));
  const server = await at.start();
  try {
    const container = await docker.createContainer({
      Image: `${id}:1`,
      Cmd: ["/bin/busybox", "tail", "-f", "/dev/null"],
      Labels: labels,
      HostConfig: { NetworkMode: at.network },
    });
    await container.start();
    await at.world.ok(["server", "stop"]);
    await server.exited;
    assert.equal((await container.inspect()).State.Running, true);
    assert.equal((await at.networks()).length, 1);
    await container.remove({ force: true });

    // The same name, but another's.
    const [own] = await at.networks();
    await docker.getNetwork(own.Id).remove();
    await docker.createNetwork({ Name: at.network, Labels: labels });
    const again = await at.start();
    await at.world.ok(["server", "stop"]);
    await again.exited;
    assert.deepEqual((await at.networks()).map((network) => network.Labels), [labels]);
  } finally {
    const mine = { label: [`dev.flowctl.test=${id}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters: mine })) {
      await docker.getContainer(Id).remove({ force: true });
    }
    await docker.getImage(`${id}:1`).remove();
  }
});

test("server stop leaves a server of another home alone", async () => {
  await using at = await serverWorld();
  await using other = await serverWorld();
  await at.start();
  const left = await other.start();
  await at.world.ok(["server", "stop"]);
  assert.equal(await (await fetch(`${left.url}/api/health`)).json(), true);
  await until("the other server is still there", () => existsSync(join(other.world.home, "server.json")));
});

test("config prints both usual ports, PostgreSQL is refused, the tenant is there", async () => {
  await using at = await serverWorld();
  const config = JSON.parse(await at.world.ok(["server", "config", "-o", "json"]));
  assert.deepEqual([config.host, config.server_port, config.ui_port], ["127.0.0.1", 4200, 8080]);
  const postgres = await at.world.run(["server", "start", "--postgres-url", "postgres://u:hidden@db/x"]);
  assert.equal(postgres.code, 1);
  assert.match(postgres.stderr, /PostgreSQL is not supported yet, data is kept in SQLite/);
  assert.doesNotMatch(postgres.stderr, /hidden/);
  assert.match(await at.world.ok(["server", "create-tenant", "-n", "default"]), /is there already/);
  assert.equal((await at.world.run(["server", "create-tenant", "-n", "other"])).code, 1);
});
