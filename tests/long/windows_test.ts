/**
 * The Windows binary, run by Wine: commands and server by themselves, and an agent over a named pipe that leads to a real engine.
 *
 * Wine's sockets are the host's, so a program of ours that listens on the pipe under Wine leads to a port of this machine, and that
 * leads to the engine's Unix socket. Drive Z: is taken away: nothing of this Linux is to be found by accident.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import process from "node:process";
import { compile } from "../../scripts/lib/compile.ts";
import { ensureWine, openWine, type Wine } from "../../scripts/lib/wine.ts";
import type { Docker } from "../../src/docker/client.ts";
import { resolveHost } from "../../src/docker/host.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { shelfPath } from "../../src/images/binaries.ts";
import { librariesBeside } from "../../src/images/libraries.ts";
import { VERSION } from "../../src/support/version.ts";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { needsEngine, skip, test } from "../testing/test.ts";

/** Nothing here takes long; a busy machine may. */
const PATIENCE_MS = 120_000;
const PIPE = "npipe:////./pipe/docker_engine";

/** A world whose flowctl is the Windows binary: its root is drive D:, so that its home is `D:\home` and its folder `D:\work`. */
async function windows(): Promise<World & { wine: Wine }> {
  const reason = await ensureWine((line) => console.log(line));
  if (reason !== undefined) skip(reason);
  const env: Record<string, string> = { DOCKER_HOST: "", FLOWCTL_HOME: "D:\\home" };
  const world = new World(["wine", "D:\\flowctl.exe"], env);
  try {
    const wine = await openWine(join(world.root, "prefix"), world.root);
    Object.assign(env, wine.env);
    const remove = world[Symbol.asyncDispose].bind(world);
    try {
      await program("flowctl.exe", world.root);
    } catch (error) {
      await wine[Symbol.asyncDispose]();
      throw error;
    }
    return Object.assign(world, {
      wine,
      async [Symbol.asyncDispose]() {
        await wine[Symbol.asyncDispose]();
        await remove();
      },
    });
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

/** Compiles a program for Windows: ours, or another one. */
async function program(name: string, folder: string, main?: string): Promise<void> {
  const { path } = await compile({ target: "windows-x64", folder: join(folder, "compiled"), main });
  renameSync(path, join(folder, name));
}

/** Leads connections of an address to another one. */
async function relay(from: net.ListenOptions, to: net.NetConnectOpts): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(to);
    near.pipe(far).pipe(near);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on("error", () => other.destroy()).on("close", () => (open.delete(one), other.destroy()));
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(from, resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const one of open) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The engine behind Docker Desktop's pipe, which `pipe.exe` plays. */
async function pipe(world: World & { wine: Wine }): Promise<AsyncDisposable> {
  const { connect } = await resolveHost({ env: process.env });
  if (connect.socketPath === undefined) skip("The engine has no Unix socket here");
  const engine = await relay({ host: "127.0.0.1", port: 0 }, { path: connect.socketPath });
  const child: ChildProcess = spawn("wine", ["D:\\pipe.exe", "\\\\.\\pipe\\docker_engine", String(engine.port)], {
    cwd: world.root,
    env: world.env(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => said += text);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, "SIGKILL");
    await ended;
    await engine[Symbol.asyncDispose]();
  };
  try {
    await until("the pipe is there", () => said.includes("listening"), PATIENCE_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return { [Symbol.asyncDispose]: close };
}

/** What Docker Desktop does by itself: the machine's loopback answers under the name that containers know it by. */
async function loopbackFor(docker: Docker, url: string): Promise<AsyncDisposable> {
  const { IPAM } = await docker.getNetwork("bridge").inspect();
  const host = IPAM?.Config?.[0]?.Gateway;
  const port = Number(new URL(url).port);
  if (host === undefined) skip("The engine's bridge has no gateway");
  return await relay({ host, port }, { host: "127.0.0.1", port });
}

test("on Windows the program tells what it is, keeps a home, deploys and serves, and one home has one server", async () => {
  await using world = await windows();
  const version = JSON.parse(await world.ok(["version", "-o", "json"], { env: { FLOWCTL_HOME: "" } }));
  assert.equal(version.platform, "win32/x64");
  assert.match(version.home, /^C:\\users\\[^\\]+\\\.flowctl$/);
  assert.match(await world.ok(["--help"]), /Usage: flowctl \[options\] <command>/);

  await using linux = new World();
  const bundle: (string | undefined)[] = [];
  for (const [system, path] of [[world, ".\\flows\\flow.ts"], [linux, "./flows/flow.ts"]] as const) {
    system.file("flows/lib/word.ts", `export const word = "helped";`);
    const head = `import { word } from "./lib/word.ts";`;
    system.file("flows/flow.ts", dockerFlow("windows", `  console.log(word);`, "", head));
    assert.match(await system.ok(["deployment", "create", path]), /Created deployment 'd' for flow 'windows'/);
    bundle.push(/^Bundle: +(\S+)$/m.exec(await system.ok(["deployment", "inspect", "windows/d"]))?.[1]);
  }
  assert.match(bundle[0] ?? "", /^[0-9a-f]{64}$/);
  assert.equal(bundle[1], bundle[0], "one flow has one hash on all systems");
  assert.ok(readdirSync(world.home).some((name) => name.endsWith(".db")), readdirSync(world.home).join());

  world.file("flows/broken.ts", `import { flow } from "flowctl";\nconst x = ;\n`);
  const broken = await world.run(["deployment", "create", ".\\flows\\broken.ts"]);
  assert.equal(broken.code, 1, broken.stderr);
  assert.match(broken.stderr, /^Error: Cannot load "flows\/broken\.ts": .* at flows\/broken\.ts:2:11$/m);

  const server = world.start(["orion", "start", "--port", "0"]);
  const [, url] = await server.prints(/FLOWCTL_API_URL=(http:\/\/127\.0\.0\.1:\d+)\/api/, PATIENCE_MS);
  await until("the server answers", async () => {
    const answer = await fetch(`${url}/api/health`).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.ok;
  });
  assert.equal((await world.client(url).deployments.list({})).length, 1);
  const second = await world.run(["orion", "start", "--port", "0"]);
  assert.equal(second.code, 5);
  assert.match(second.stderr, /Cannot start a server: one already serves home "D:\\home", at http/);
  // The server's own agent; there is no engine behind the pipe yet.
  await server.prints(/Docker Engine.*npipe:\/\/\/\/\.\/pipe\/docker_engine/, PATIENCE_MS);
  const { code } = await server.stop("SIGINT");
  assert.ok(code === 130 || code === 0, `${code}\n${server.output()}`);
});

test("an agent on Windows takes runs over the engine's named pipe, in containers and as its own processes", async () => {
  needsEngine();
  const name = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  await using linux = new World();
  const docker = await linux.docker;
  // Tests before this one may have left it: then nobody would need the server's libraries.
  for (const { RepoTags } of await docker.listImages()) {
    for (const tag of (RepoTags ?? []).filter((one) => one.startsWith(`flowctl/flowctl:${VERSION}-`))) {
      await docker.getImage(tag).remove({ force: true });
    }
  }
  await using world = await windows();
  await program("pipe.exe", world.root, join(import.meta.dirname!, "windows_pipe.ts"));
  await using pipes = new AsyncDisposableStack();
  const first = await pipe(world);
  pipes.defer(() => first[Symbol.asyncDispose]());
  const { url } = await linux.server(["--no-agent"]);
  world.more.FLOWCTL_API_URL = `${url}/api`;
  const deploy = async (file: string, options: string, body: string, runner = "DockerFlowRunner") => {
    const text = dockerFlow(file, body, options, `import process from "node:process";`).replaceAll(
      "DockerFlowRunner",
      runner,
    );
    world.file(`${file}.ts`, text);
    await world.ok(["deployment", "create", `.\\${file}.ts`]);
    return await linux.createRun(`${file}/d`);
  };
  const hello = `  console.log("hello from " + process.platform);`;

  // As long as nothing leads from a container to this machine's loopback, that is said, with what helps.
  const before = await world.run(["doctor", "-o", "json", "--only", "engine", "--only", "reach"]);
  const [engine, way] = JSON.parse(before.stdout);
  assert.deepEqual([engine.status, way.status, before.code], ["ok", "fail", 1], before.stdout);
  assert.ok(engine.message.includes(`"${PIPE}"`), engine.message);
  assert.match(way.message, /from containers on network "bridge": no answer at "http:\/\/host\.docker\.internal:/);
  assert.match(way.fix, /networkMode: "host"/);

  await using _loopback = await loopbackFor(docker, url);
  const after = await world.run(["doctor", "-o", "json"]);
  const checks = JSON.parse(after.stdout) as { check: string; status: string }[];
  assert.deepEqual(
    checks.map(({ check, status }) => [check, status]),
    ["home", "api", "engine", "disk", "binary", "clock", "dns", "reach"].map((check) => [check, "ok"]),
    after.stdout,
  );

  // No address of an engine is given. The binary and its libraries come from the server: Windows has neither.
  const agent = world.start(["agent", "start"]);
  await agent.prints(/Agent started!/, PATIENCE_MS);
  const libraries = librariesBeside(shelfPath(world.home, VERSION, "linux-x64"));
  await until("the server's libraries are there", () => existsSync(libraries));
  const other = await world.run(["agent", "start"]);
  assert.equal(other.code, 5, other.stderr);
  assert.match(other.stderr, /Cannot start an agent: one is running on "D:\\home" already/);

  const image = `${name}:1`, volume = name;
  await followProgress(
    docker.importImage(tarOf([{ path: "etc/hint", content: "scratch" }]), {
      repo: name,
      tag: "1",
      changes: ["LABEL dev.flowctl.test=1"],
    }),
  );
  try {
    const cases: [file: string, options: string][] = [
      ["plain", ""],
      ["host", `networkMode: "host"`],
      ["scratch", `image: "${image}"`],
      ["volume", `volumes: ["${volume}:/data"]`],
    ];
    for (const [file, options] of cases) {
      const run = await deploy(file, options, hello);
      const { state } = await linux.finished(url, run.id, PATIENCE_MS);
      assert.equal(state?.type, "COMPLETED", `${file}: ${state?.message}\n${agent.output()}`);
      assert.ok((await linux.messages(url, run.id)).includes("hello from linux"), file);
      const [container] = await linux.containers(run.id);
      assert.deepEqual(container.Names, [`/${run.name}`]);
      if (file === "volume") {
        assert.deepEqual((container.Mounts as { Name: string }[]).map((one) => one.Name), [volume]);
      }
    }
    assert.match(agent.output(), /Containers reach the API by URL: the agent runs on Windows/);

    // Docker Desktop takes a drive's path; the engine itself says what it was given.
    const mounted = await linux.finished(url, (await deploy("mounted", `volumes: [".\\\\data:/data:ro"]`, hello)).id);
    assert.match(mounted.state?.message ?? "", /invalid volume specification: 'D:\\work\\data:\/data:ro'/);
    const secret = await linux.finished(url, (await deploy("secret", `volumes: ["d:/HOME/run:/x"]`, hello)).id);
    assert.match(secret.state?.message ?? "", /Cannot mount "D:\\HOME\\run" into a container/i);

    // An engine that goes away is waited for.
    await first[Symbol.asyncDispose]();
    await agent.prints(
      /no Docker Engine answers at "npipe:\/{4}\.\/pipe\/docker_engine" \(there is no such pipe\)/,
      PATIENCE_MS,
    );
    const waiting = await linux.createRun("plain/d");
    pipes.use(await pipe(world));
    assert.equal((await linux.finished(url, waiting.id, PATIENCE_MS)).state?.type, "COMPLETED", agent.output());

    const own = await deploy("own", "", hello, "SubprocessFlowRunner");
    const { state } = await linux.finished(url, own.id, PATIENCE_MS);
    assert.equal(state?.type, "COMPLETED", `${state?.message}\n${agent.output()}`);
    assert.ok((await linux.messages(url, own.id)).includes("hello from win32"));

    const endless = `  console.log("up");\n  await new Promise(() => setInterval(() => {}, 1000));`;
    const isUp = (id: string) =>
      until("the flow is up", async () => (await linux.messages(url, id)).includes("up"), PATIENCE_MS);
    const child = await deploy("child", "", endless, "SubprocessFlowRunner");
    await isUp(child.id);
    await linux.ok(["flow-run", "cancel", child.id]);
    assert.equal((await linux.finished(url, child.id, PATIENCE_MS)).state?.type, "CANCELLED");

    // Ctrl-C ends the agent and not the container, which the next agent takes over.
    const long = await deploy("long", "", endless);
    await isUp(long.id);
    await agent.stop("SIGINT");
    assert.match(agent.output(), /Agent stopped!/);
    assert.equal((await linux.containers(long.id))[0].State, "running");
    const next = world.start(["agent", "start"]);
    await next.prints(new RegExp(`Went on with flow run '${long.name}' in container '${long.name}'`), PATIENCE_MS);
    await linux.ok(["flow-run", "cancel", long.id]);
    assert.equal((await linux.finished(url, long.id, PATIENCE_MS)).state?.type, "CANCELLED");
    await until(
      "the folders of all runs are gone",
      () => readdirSync(join(world.home, "run")).length === 0,
      PATIENCE_MS,
    );
    await next.stop("SIGINT");
    assert.match(next.output(), /Agent stopped!/);
  } finally {
    const filters = { label: [`dev.flowctl.installation=${world.installation()}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true });
    }
    await docker.getImage(image).remove({ force: true });
    await docker.getVolume(volume).remove().catch(() => {});
  }
});
