/**
 * What the client asks and answers, against the fake engine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { isEngineUnreachable } from "../../src/docker/errors.ts";
import { exitCodeOf } from "../../src/docker/events.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { type ErrorCode, type FlowctlError, isFlowctlError } from "../../src/support/errors.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

function setUp(options?: Parameters<typeof createFakeEngine>[0]) {
  const engine = createFakeEngine(options);
  return { engine, docker: new Docker({ fetch: engine.fetch, address: "unix:///fake.sock" }) };
}

const rejectsWith = (promise: Promise<unknown>, code: ErrorCode, pattern?: RegExp) =>
  assert.rejects(promise, (error: FlowctlError) => {
    if (pattern !== undefined) assert.match(error.message, pattern);
    assert.equal(error.code, code);
    return isFlowctlError(error, code);
  });

test("a container lives: created, started, printing, dying, removed", async () => {
  const { engine, docker } = setUp();
  const container = await docker.createContainer({ name: "heavy-parakeet", Image: "busybox", Labels: { a: "b" } });
  assert.deepEqual(engine.requests.at(-1)!.body, { Image: "busybox", Labels: { a: "b" } });
  await container.start();
  await container.start();
  const lines = Array.fromAsync(container.logs({ follow: true, timestamps: true }));
  const ended = container.wait();
  engine.print(container.id, "hello");
  engine.print(container.id, "oh", { stream: "stderr" });
  engine.die(container.id, { oom: true });
  assert.deepEqual((await lines).map(({ stream, line }) => [stream, line]), [["stdout", "hello"], ["stderr", "oh"]]);
  assert.match((await lines)[0].timestamp!, /^2026-.*\d{9}Z$/);
  assert.equal((await ended).StatusCode, 137);
  const { State, Name } = await container.inspect();
  assert.deepEqual([Name, State.Status, State.OOMKilled, State.ExitCode], ["/heavy-parakeet", "exited", true, 137]);
  await container.stop();
  await container.remove();
  await rejectsWith(
    container.inspect(),
    "not_found",
    /^Cannot inspect container ".*": the engine says "No such container: /,
  );
});

test("logs begin at a line's own time, and can be the last few", async () => {
  const { engine, docker } = setUp();
  const container = await docker.createContainer({ Image: "busybox" });
  await container.start();
  for (const line of ["1", "2", "3"]) engine.print(container.id, line);
  const all = await Array.fromAsync(container.logs({ timestamps: true }));
  const rest = await Array.fromAsync(container.logs({ since: all[1].timestamp }));
  assert.deepEqual(rest.map(({ line }) => line), ["2", "3"]);
  assert.deepEqual((await Array.fromAsync(container.logs({ tail: 1 }))).map(({ line }) => line), ["3"]);
});

test("following logs and events ends quietly when the signal is aborted", async () => {
  const { engine, docker } = setUp();
  const container = await docker.createContainer({ Image: "busybox" });
  await container.start();
  const stop = new AbortController();
  const both = Promise.all([
    Array.fromAsync(container.logs({ follow: true, signal: stop.signal })),
    Array.fromAsync(docker.getEvents({ signal: stop.signal })),
  ]);
  while (engine.openStreams < 2) await new Promise((resolve) => setTimeout(resolve, 0));
  stop.abort();
  assert.deepEqual(await both, [[], []]);
  assert.equal(engine.openStreams, 0);
});

test("a stream that the engine drops is an error and never looks like an end", async () => {
  const { engine, docker } = setUp();
  const container = await docker.createContainer({ Image: "busybox" });
  await container.start();
  const broken = Promise.allSettled([
    Array.fromAsync(container.logs({ follow: true })),
    Array.fromAsync(docker.getEvents()),
    container.wait(),
  ]);
  while (engine.openStreams < 3) await new Promise((resolve) => setTimeout(resolve, 0));
  engine.dropStreams();
  for (const result of await broken) {
    assert.equal(result.status, "rejected");
    assert.ok(isEngineUnreachable(result.status === "rejected" && result.reason));
  }
});

test("events tell what happened to containers of a label, from a time on", async () => {
  const { engine, docker } = setUp();
  const stop = new AbortController();
  const seen: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  const following = (async () => {
    const filters = { type: ["container"], label: ["dev.flowctl.installation=i1"] };
    for await (const event of docker.getEvents({ filters, signal: stop.signal, onOpen: open })) {
      seen.push(event.Action);
      if (event.Action !== "die") continue;
      assert.equal(exitCodeOf(event), 3);
      stop.abort();
    }
  })();
  await opened;
  await docker.createContainer({ Image: "busybox", Labels: { "dev.flowctl.installation": "other" } });
  const container = await docker.createContainer({ Image: "busybox", Labels: { "dev.flowctl.installation": "i1" } });
  await container.start();
  engine.die(container.id, { exitCode: 3 });
  await following;
  assert.deepEqual(seen, ["create", "start", "die"]);
  const since = await Array.fromAsync(docker.getEvents({ since: 1795265615, until: 1795265616 }));
  assert.deepEqual(since.map(({ Action }) => Action), ["create", "create", "start", "die"]);
});

for (
  const [status, code] of [
    [400, "invalid"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not_found"],
    [409, "conflict"],
    [418, "invalid"],
    [500, "unavailable"],
    [501, "unsupported"],
    [503, "unavailable"],
  ] as const
) {
  test(`status ${status} is the error "${code}" and quotes the engine`, async () => {
    const { engine, docker } = setUp();
    engine.failNext("GET /info", { status, message: "No such container: misleading text" });
    await assert.rejects(docker.info(), (error: FlowctlError) => {
      assert.equal(error.code, code);
      assert.equal(
        error.message,
        `Cannot read the engine's info: the engine says "No such container: misleading text"`,
      );
      assert.deepEqual(error.details, { status, engineMessage: "No such container: misleading text" });
      assert.equal(isEngineUnreachable(error), false);
      return true;
    });
  });
}

test("an engine that is away is unavailable, with its address, and found again when it is back", async () => {
  const { engine, docker } = setUp();
  engine.setDown(true);
  await assert.rejects(docker.listContainers(), (error: FlowctlError) => {
    assert.equal(
      error.message,
      `Cannot list containers: no Docker Engine answers at "unix:///fake.sock" (nobody listens there)`,
    );
    assert.match(error.hint!, /DOCKER_HOST/);
    return isFlowctlError(error, "unavailable") && isEngineUnreachable(error);
  });
  engine.setDown(false);
  assert.deepEqual(await docker.listContainers(), []);
});

for (
  const [code, address, expected, pattern] of [
    ["EACCES", "unix:///no/such/docker.sock", "forbidden", /group "docker"/],
    ["EACCES", "npipe:////./pipe/docker_engine", "forbidden", /group "docker-users"/],
    ["ENOENT", "unix:///var/run/docker.sock", "unavailable", /Start the Docker Engine/],
    ["ENOTFOUND", "tcp://build:2375", "unavailable", /DOCKER_HOST/],
  ] as const
) {
  test(`${code} at ${address} says what to do`, async () => {
    const cause = Object.assign(new Error(`connect ${code}`), { code });
    const docker = new Docker({ fetch: () => Promise.reject(new TypeError("fetch failed", { cause })), address });
    await assert.rejects(docker.ping(), (error: FlowctlError) => {
      assert.ok(error.message.includes(`"${address}"`), error.message);
      assert.match(error.hint!, pattern);
      return isFlowctlError(error, expected);
    });
  });
}

test("a call that takes too long is a timeout, one that is stopped is cancelled", async () => {
  const { engine, docker } = setUp();
  engine.failNext("GET /info", "hang", { times: 2 });
  await docker.apiVersion();
  await rejectsWith(docker.info({ signal: AbortSignal.timeout(1) }), "timeout", /did not answer in time/);
  const stop = new AbortController();
  const info = docker.info({ signal: stop.signal });
  stop.abort();
  await rejectsWith(info, "cancelled");
});

test("an answer that is not JSON is not taken for one", async () => {
  const docker = new Docker({
    fetch: () => Promise.resolve(new Response("<html>", { headers: { "api-version": "1.41" } })),
    address: "http://proxy",
  });
  await rejectsWith(docker.info(), "unavailable", /does not answer as a Docker Engine/);
});

test("killing a container that does not run is a conflict, also where Podman says 500", async () => {
  const { engine, docker } = setUp();
  const container = await docker.createContainer({ Image: "busybox" });
  await rejectsWith(container.kill(), "conflict");
  engine.failNext(/kill$/, { status: 500, message: "can only kill running containers" });
  await rejectsWith(container.kill({ signal: "SIGTERM" }), "conflict");
  await container.start();
  engine.failNext(/kill$/, { status: 500, message: "out of memory" });
  await rejectsWith(container.kill(), "unavailable");
  await container.kill({ signal: "SIGTERM" });
  assert.deepEqual(engine.find(container.id).signals, ["SIGTERM"]);
});

test("names that would lead to another path are never sent", async () => {
  const { engine, docker } = setUp();
  await docker.apiVersion();
  const asked = engine.requests.length;
  for (const name of ["", "..", "../images/json", "a//b", "."]) {
    await rejectsWith(docker.getContainer(name).inspect(), "invalid");
  }
  await rejectsWith(docker.getImage("x/../../info").inspect(), "invalid");
  assert.equal(engine.requests.length, asked);
  await rejectsWith(docker.getContainer("a?b#c d").inspect(), "not_found");
  assert.equal(engine.requests.at(-1)!.path, "/containers/a%3Fb%23c%20d/json");
});

test("a container for several networks is connected after its creation where the engine takes one", async () => {
  const NetworkingConfig = { EndpointsConfig: { one: { Aliases: ["x"] }, two: {} } };
  const older = setUp({ apiVersion: "1.41" });
  for (const Name of ["one", "two"]) await older.docker.createNetwork({ Name });
  const container = await older.docker.createContainer({ Image: "busybox", NetworkingConfig });
  assert.deepEqual(older.engine.find(container.id).networks, ["one", "two"]);
  assert.deepEqual(Object.keys(NetworkingConfig.EndpointsConfig), ["one", "two"]);

  older.engine.failNext("POST /networks/two/connect", { status: 403 });
  await rejectsWith(older.docker.createContainer({ Image: "busybox", NetworkingConfig }), "forbidden");
  assert.equal(older.engine.containers.size, 1);

  const newer = setUp({ apiVersion: "1.44" });
  await newer.docker.createContainer({ Image: "busybox", NetworkingConfig });
  assert.equal(newer.engine.requests.filter(({ path }) => path.endsWith("/connect")).length, 0);
});

test("networks and volumes are created once, listed and removed", async () => {
  const { engine, docker } = setUp();
  const network = await docker.createNetwork({ Name: "n", Labels: { a: "b" } });
  await rejectsWith(docker.createNetwork({ Name: "n" }), "conflict");
  assert.deepEqual((await docker.getNetwork("n").inspect()).Labels, { a: "b" });
  const container = await docker.createContainer({ Image: "busybox" });
  await network.connect({ Container: container.id });
  await network.disconnect({ Container: container.id });
  assert.deepEqual(engine.find(container.id).networks, ["bridge"]);
  await network.remove();
  assert.deepEqual(await docker.listNetworks(), []);
  assert.deepEqual((await docker.listVolumes()).Volumes, []);
  const volume = await docker.createVolume({ Name: "v" });
  assert.equal((await volume.inspect()).Name, "v");
  assert.equal((await docker.listVolumes()).Volumes.length, 1);
  await volume.remove();
  await rejectsWith(docker.getVolume("v").inspect(), "not_found");
});

test("an import, a build and a pull bring images", async () => {
  const { engine, docker } = setUp({ pullable: ["localhost:5000/team/app:2"] });
  const changes = ['ENTRYPOINT ["/flowctl"]', "LABEL sha=12"];
  const imported = await followProgress(docker.importImage(new Uint8Array([1]), { repo: "r", tag: "t", changes }));
  const asked = engine.requests.at(-1)!;
  assert.deepEqual(asked.query.getAll("changes"), changes);
  assert.equal(asked.headers.get("content-type"), "application/x-tar");
  const inspected = await docker.getImage("r:t").inspect();
  assert.deepEqual([inspected.Id, inspected.Config?.Labels], [imported.imageId, { sha: "12" }]);

  const built = await followProgress(docker.buildImage(new Uint8Array([1]), { t: "b:1", labels: { x: "y" } }));
  assert.match(built.imageId!, /^sha256:/);
  assert.equal(engine.requests.at(-1)!.query.get("forcerm"), "1");

  const statuses: string[] = [];
  const authconfig = { username: "ä", password: "~~~???" };
  await followProgress(
    docker.pull("localhost:5000/team/app:2", { authconfig }),
    ({ status }) => void statuses.push(status!),
  );
  assert.equal(statuses.length, 2);
  const header = engine.requests.at(-1)!.headers.get("x-registry-auth")!;
  const decoded = Uint8Array.from(atob(header.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(decoded)), authconfig);
  assert.equal(engine.requests.at(-1)!.query.get("tag"), "2");
  await rejectsWith(followProgress(docker.pull("nobody/has-it")), "not_found");

  await docker.getImage("r:t").tag({ repo: "localhost:5000/r", tag: "t" });
  await followProgress(docker.getImage("localhost:5000/r:t").push());
  const pushed = engine.requests.at(-1)!;
  assert.deepEqual([pushed.path, pushed.query.get("tag")], ["/images/localhost:5000/r/push", "t"]);
  assert.equal(pushed.headers.get("x-registry-auth"), "e30=");
});

test("a failure inside the stream of progress is an error", async () => {
  const failing = (text: string) =>
    new Docker({
      fetch: (input) =>
        Promise.resolve(
          new Response(String(input).endsWith("_ping") ? "OK" : text, { headers: { "api-version": "1.41" } }),
        ),
    });
  // As Docker 20.10 sent it.
  const push = '{"status":"The push refers to repository [localhost:1/probe]"}\r\n' +
    '{"errorDetail":{"message":"An image does not exist locally with the tag: localhost:1/probe"},"error":"An image …"}\r\n';
  await rejectsWith(
    followProgress(failing(push).getImage("localhost:1/probe").push()),
    "unavailable",
    /Cannot push image "localhost:1\/probe": the engine says "An image does not exist locally/,
  );
  const build =
    '{"stream":"Step 1/1 : RUN false\\n"}\r\n{"errorDetail":{"code":1,"message":"returned a non-zero code: 1"}}\r\n';
  await rejectsWith(followProgress(failing(build).buildImage(new Uint8Array())), "invalid");
  await rejectsWith(followProgress(failing('{"error":"short form"}').loadImage(new Uint8Array())), "invalid");
});
