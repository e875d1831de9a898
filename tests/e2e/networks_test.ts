/**
 * A container reaches the API on whatever network it is, through its run's socket or by URL; networks and volumes that can't work are
 * refused before anything is created.
 *
 * @module
 */

import assert from "node:assert/strict";
import net from "node:net";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

/** Networks of the engine; declared before the world, for a network that is in use is not removed. */
async function madeNetworks(count: number): Promise<{ names: string[] } & AsyncDisposable> {
  needsEngine();
  const docker = await openDocker({ env: process.env });
  const names = Array.from({ length: count }, () => `flowctl-test-${crypto.randomUUID().slice(0, 8)}`);
  for (const Name of names) await docker.createNetwork({ Name, Labels: { "dev.flowctl.test": "1" } });
  return {
    names,
    async [Symbol.asyncDispose]() {
      for (const name of names) await docker.getNetwork(name).remove();
      docker.close();
    },
  };
}

/** Deploys `NAME/d` with options and answers how its run ended. */
async function outcome(world: World, url: string, name: string, options: string, body = `  console.log("ran");`) {
  world.file(`${name}.ts`, dockerFlow(name, body, options, `import process from "node:process";`));
  await world.ok(["deployment", "create", `./${name}.ts`]);
  const run = await world.createRun(`${name}/d`);
  const { state } = await world.finished(url, run.id);
  return { run, state: state!.type, message: state!.message ?? "" };
}

test("a flow reaches a server on loopback from every network", async () => {
  await using networks = await madeNetworks(2);
  await using world = new World();
  const server = await world.server();
  const [a, b] = networks.names;
  const cases: [name: string, options: string, expected: string[]][] = [
    ["bridge", "", ["bridge"]],
    ["user", `networks: ["${a}"]`, [a]],
    ["several", `networks: ["${a}", "${b}"]`, [a, b]],
    ["mixed", `networks: ["bridge", "${b}"]`, ["bridge", b]],
    ["host", `networks: ["host"]`, ["host"]],
    ["none", `networkMode: "none"`, ["none"]],
  ];
  for (const [name, options, expected] of cases) {
    const { run, state, message } = await outcome(world, server.url, name, options);
    assert.equal(state, "COMPLETED", `${name}: ${message}`);
    const [{ Id }] = await world.containers(run.id);
    const { NetworkSettings } = await (await world.docker).getContainer(Id).inspect();
    assert.deepEqual(Object.keys(NetworkSettings.Networks ?? {}).sort(), expected.toSorted(), name);
  }
});

test("unknown networks and wrong volumes are refused in one sentence before anything is created", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server();
  const cases: [name: string, options: string, sentence: RegExp][] = [
    ["unknown", `networks: ["nowhere"]`, /Cannot use network "nowhere": the engine has .*"bridge"/],
    ["both", `networkMode: "host", networks: ["x"]`, /"host" allows no other/],
    ["shape", `volumes: ["/a:b"]`, /expected format 'path:container_path', but got '\/a:b'/],
    ["option", `volumes: ["/a:/b:readonly"]`, /"readonly" is no option of a volume/],
    ["neither", `volumes: ["data\\\\in:/b"]`, /neither a path nor the name of a volume/],
    ["home", `volumes: ["~/home:/b"]`, /Cannot mount/],
  ];
  for (const [name, options, sentence] of cases) {
    const { run, state, message } = await outcome(world, server.url, name, options);
    assert.equal(state, "FAILED", name);
    assert.match(message, sentence);
    assert.deepEqual(await world.containers(run.id), []);
  }
});

test("relative paths, ~ and named volumes of a deployment reach its container", async () => {
  needsEngine();
  await using world = new World();
  world.file("data/in.txt", "relative");
  const server = await world.server();
  const volume = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  const { run, state, message } = await outcome(
    world,
    server.url,
    "volumes",
    `autoRemove: true, volumes: ["./data:/a:ro", "~/work/data:/b", "${volume}:/c:rw"]`,
    `  const { readFileSync, writeFileSync } = await import("node:fs");
  writeFileSync("/b/out.txt", "");
  writeFileSync("/c/out.txt", "");
  console.log(readFileSync("/a/in.txt", "utf8"));`,
  );
  assert.equal(state, "COMPLETED", message);
  assert.ok((await world.messages(server.url, run.id)).includes("relative"));
  await until("the container is removed", async () => (await world.containers(run.id)).length === 0);
  await (await world.docker).getVolume(volume).remove();
});

test("an agent's --network holds for all its containers, and one that is missing is told at its start", async () => {
  await using networks = await madeNetworks(1);
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  const [name] = networks.names;
  const wrong = world.start(["agent", "start", "--network", "nowhere"], { env });
  await wrong.prints(/Cannot use network "nowhere": the engine has .*"bridge"/);
  await wrong.stop();
  world.start(["agent", "start", "--network", name], { env });
  const { run, state, message } = await outcome(world, server.url, "placed", "");
  assert.equal(state, "COMPLETED", message);
  const [{ Id }] = await world.containers(run.id);
  const { NetworkSettings } = await (await world.docker).getContainer(Id).inspect();
  assert.deepEqual(Object.keys(NetworkSettings.Networks ?? {}), [name]);
});

test("by URL a flow on the host's network runs, and its token is in no answer of the engine", async () => {
  needsEngine();
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  const server = await world.server();
  for (const more of ["", `, createOptions: { User: "1000", HostConfig: { ReadonlyRootfs: true } }`]) {
    const { run, state, message } = await outcome(
      world,
      server.url,
      more === "" ? "by-url" : "sealed",
      `networkMode: "host"${more}`,
      `  const { readFileSync } = await import("node:fs");
  const url = process.env.FLOWCTL_API_URL + "/deployments/filter";
  const token = readFileSync(process.env.FLOWCTL_LEASE_TOKEN_FILE!, "utf8");
  const init = { method: "POST", headers: { "content-type": "application/json", "x-flowctl-lease": token }, body: "{}" };
  console.log(token.length > 10, (await (await fetch(url, init)).json()).length);
  console.log("token " + token);`,
    );
    assert.equal(state, "COMPLETED", message);
    const said = await world.messages(server.url, run.id);
    const token = said.find((line) => line.startsWith("token "))!.slice("token ".length);
    const [{ Id }] = await world.containers(run.id);
    const inspected = await (await world.docker).getContainer(Id).inspect();
    assert.ok(!JSON.stringify(inspected).includes(token));
    assert.ok(inspected.Config.Env!.some((pair) => pair === `FLOWCTL_API_URL=${server.url}/api`));
    await (await world.docker).getContainer(Id).remove({ force: true, v: true });
  }
});

test("by URL a network from which the API can't be reached is told at the agent's start, and its runs fail with what helps", async () => {
  needsEngine();
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  const server = await world.server();
  const sentence =
    /Cannot reach the API from containers on network "bridge": no answer at "http:\/\/host.docker.internal:/;
  await server.prints(sentence);
  const { run, state, message } = await outcome(world, server.url, "cut-off", "");
  assert.equal(state, "FAILED");
  assert.match(message, sentence);
  assert.deepEqual(await world.containers(run.id), []);
  const none = await outcome(world, server.url, "nothing", `networkMode: "none"`);
  assert.match(none.message, /Cannot run a flow on network "none"/);
});

/** The address by which containers on the default network know this machine. */
async function gatewayAddress(): Promise<string> {
  needsEngine();
  const docker = await openDocker({ env: process.env });
  const { IPAM } = await docker.getNetwork("bridge").inspect();
  docker.close();
  return IPAM?.Config?.[0]?.Gateway ?? skip("The engine's default network has no gateway");
}

/** Leads from a port of that address to the same port of loopback, as an administrator's forwarding would. */
async function forwarded(host: string, port: number): Promise<AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const api = net.connect(port, "127.0.0.1");
    for (const socket of [client, api]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.pipe(api);
    api.pipe(client);
  });
  const isListening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (!isListening) skip("The engine's gateway is no address of this machine");
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("by URL a flow on the default network finds the machine as host.docker.internal, or under the address that was given", async () => {
  const gateway = await gatewayAddress();
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  const server = await world.server(["--no-agent"], { FLOWCTL_ALLOWED_HOSTS: gateway });
  const { port } = new URL(server.url);
  await using _forwarded = await forwarded(gateway, Number(port));
  const cases: [name: string, address: Record<string, string>, expected: string][] = [
    ["rewritten", {}, `http://host.docker.internal:${port}/api`],
    ["given", { FLOWCTL_CONTAINER_API_URL: `http://${gateway}:${port}` }, `http://${gateway}:${port}/api`],
  ];
  for (const [name, address, expected] of cases) {
    const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${server.url}/api`, ...address } });
    const { run, state, message } = await outcome(
      world,
      server.url,
      name,
      "",
      `  console.log(process.env.FLOWCTL_API_URL);`,
    );
    assert.equal(state, "COMPLETED", message);
    assert.ok((await world.messages(server.url, run.id)).includes(expected));
    await agent.stop();
  }
});
