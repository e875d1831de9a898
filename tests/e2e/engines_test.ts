/**
 * Engines of every kind of address: tcp, TLS with client certificates, a docker context, and two on one machine.
 *
 * A small proxy in front of the shared engine's socket stands for each: what is tried is the way to it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { CERTIFICATE, KEY } from "../support/fixtures/tls.ts";
import { needsEngine, test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

/** An engine behind a port of loopback. */
interface PortEngine extends AsyncDisposable {
  port: number;
  /** How many connections came in. */
  readonly connections: number;
  /** How many containers were asked for. */
  readonly creations: number;
}

/** Opens a port in front of the engine's socket; with TLS only clients with a certificate get through. */
async function portEngine({ isSecure = false } = {}): Promise<PortEngine> {
  needsEngine();
  const sockets = new Set<net.Socket>();
  let connections = 0, creations = 0;
  const join = (client: net.Socket) => {
    connections++;
    client.on("data", (chunk) => creations += chunk.includes("/containers/create") ? 1 : 0);
    const engine = net.connect("/var/run/docker.sock");
    for (const [one, other] of [[client, engine], [engine, client]]) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  };
  const options = { cert: CERTIFICATE, key: KEY, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: true };
  const server = isSecure ? tls.createServer(options, join) : net.createServer(join);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get creations() {
      return creations;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes the three files that the docker command looks for. */
function certificates(folder: string, withClient = true): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ca.pem"), CERTIFICATE);
  if (withClient) {
    writeFileSync(join(folder, "cert.pem"), CERTIFICATE);
    writeFileSync(join(folder, "key.pem"), KEY);
  }
  return folder;
}

/** A run of a flow that prints a line, on a server of that environment. */
async function runs(world: World, env: Record<string, string>): Promise<void> {
  world.file("hello.ts", dockerFlow("hello", `  console.log("hello from afar");`));
  await world.ok(["deployment", "create", "./hello.ts"]);
  const server = await world.server([], env);
  const run = await world.createRun("hello/d");
  const { state } = await world.finished(server.url, run.id);
  assert.equal(state?.type, "COMPLETED", `${state?.message}\n${server.output()}`);
  assert.ok((await world.messages(server.url, run.id)).includes("hello from afar"));
}

test("an engine over tcp runs a flow", async () => {
  await using engine = await portEngine();
  await using world = new World();
  await runs(world, { DOCKER_HOST: `tcp://127.0.0.1:${engine.port}` });
  assert.ok(engine.connections > 0);
});

test("an engine over TLS with client certificates runs a flow", async () => {
  await using engine = await portEngine({ isSecure: true });
  await using world = new World();
  const DOCKER_CERT_PATH = certificates(join(world.root, "certificates"));
  await runs(world, { DOCKER_HOST: `tcp://127.0.0.1:${engine.port}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH });
  assert.ok(engine.connections > 0);
});

test("without a client certificate an engine over TLS is told as one that can't be reached, and the server goes on", async () => {
  await using engine = await portEngine({ isSecure: true });
  await using world = new World();
  const DOCKER_CERT_PATH = certificates(join(world.root, "certificates"), false);
  const env = { DOCKER_HOST: `tcp://127.0.0.1:${engine.port}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH };
  const server = await world.server([], env);
  await server.prints(new RegExp(`WARNING - flowctl.Agent \\| Cannot .*tcp://127.0.0.1:${engine.port}`));
  assert.equal(server.child.exitCode, null);
  assert.equal(engine.connections, 0);
});

test("the engine of a docker context, with its certificates, runs a flow", async () => {
  await using engine = await portEngine({ isSecure: true });
  await using world = new World();
  const folder = join(world.root, ".docker"), id = createHash("sha256").update("build").digest("hex");
  certificates(join(folder, "contexts/tls", id, "docker"));
  mkdirSync(join(folder, "contexts/meta", id), { recursive: true });
  const Host = `tcp://127.0.0.1:${engine.port}`;
  writeFileSync(
    join(folder, "contexts/meta", id, "meta.json"),
    JSON.stringify({ Name: "build", Metadata: {}, Endpoints: { docker: { Host, SkipTLSVerify: false } } }),
  );
  writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: "build" }));
  await runs(world, { DOCKER_HOST: "" });
  assert.ok(engine.connections > 0);
});

test("two agents on one machine serve two engines, each its own", async () => {
  await using first = await portEngine();
  await using second = await portEngine();
  await using world = new World();
  await using other = new World();
  for (const label of ["first", "second"]) {
    const text = dockerFlow(label, `  console.log("ran");`)
      .replace(`name: "d",`, `name: "d", labels: ["${label}"],`);
    world.file(`${label}.ts`, text);
    await world.ok(["deployment", "create", `./${label}.ts`]);
  }
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  const agents = [[world, "first", first], [other, "second", second]] as const;
  for (const [home, label, { port }] of agents) {
    const args = ["agent", "start", "--label", label, "--base-url", `tcp://127.0.0.1:${port}`];
    await home.start(args, { env }).prints(/Agent started/);
  }
  for (const [home, label] of agents) {
    const before = agents.map(([, , { creations }]) => creations);
    const run = await world.createRun(`${label}/d`);
    const { state } = await world.finished(server.url, run.id);
    assert.equal(state?.type, "COMPLETED", state?.message ?? "");
    const [{ Labels }] = await world.containers(run.id);
    assert.equal(Labels["dev.flowctl.installation"], await until("its agent has a home", () => home.installation()));
    const after = agents.map(([, , { creations }], n) => creations - before[n]);
    assert.deepEqual(after, agents.map(([, name]) => name === label ? 1 : 0));
  }
});
