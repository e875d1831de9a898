/**
 * The API version is agreed on with old and new engines, and their answers are understood.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { exitCodeOf, unixTime } from "../../src/docker/events.ts";
import { compareVersions } from "../../src/docker/transport.ts";
import { type FlowctlError, isFlowctlError } from "../../src/support/errors.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";
import { ENGINES, type RecordedEngine } from "./fixtures/engines.ts";

/** Answers as the engine recorded, only below the version to be chosen, and says what was asked. */
function replay({ headers, version, info, image, event, chosen }: RecordedEngine, asked: string[] = []): Docker {
  const answers: Record<string, string> = {
    "/_ping": "OK",
    "/version": JSON.stringify(version),
    [`/v${chosen}/version`]: JSON.stringify(version),
    [`/v${chosen}/info`]: JSON.stringify(info),
    [`/v${chosen}/images/probe:1/json`]: JSON.stringify(image),
    [`/v${chosen}/events`]: JSON.stringify(event) + "\n",
  };
  return new Docker({
    fetch: (input) => {
      const { pathname } = new URL(String(input));
      asked.push(pathname);
      const body = answers[pathname];
      const status = body === undefined ? 404 : 200;
      return Promise.resolve(new Response(body ?? '{"message":"page not found"}', { status, headers }));
    },
  });
}

for (const engine of ENGINES) {
  test(`with ${engine.name} API ${engine.chosen} is spoken and its answers are understood`, async () => {
    const docker = replay(engine);
    assert.equal(await docker.apiVersion(), engine.chosen);
    assert.equal((await docker.version()).Version, engine.version.Version);
    const info = await docker.info();
    assert.deepEqual([info.OSType, info.Architecture, info.ServerVersion], ["linux", "x86_64", engine.version.Version]);
    const image = await docker.getImage("probe:1").inspect();
    assert.deepEqual([image.Id, image.Architecture, image.Size, image.Config?.Env], [
      "sha256:9d022c195c40bc2e8a08a84e9557d5b1372ddc7ce9fcdfe01b357739d4fb255a",
      "amd64",
      1982263,
      ["A=b"],
    ]);
    const [event] = await Array.fromAsync(docker.getEvents());
    assert.deepEqual([event.Type, event.Action, event.Actor.Attributes.name], ["container", "die", "probe1"]);
    assert.equal(exitCodeOf(event), 3);
  });
}

test("the version is asked for once, and /version only of engines newer than we are", async () => {
  const asked: string[] = [];
  const docker = replay(ENGINES[0], asked);
  await Promise.all([docker.info(), docker.info()]);
  assert.deepEqual(asked, ["/_ping", "/v1.41/info", "/v1.41/info"]);
  const askedOfNewer: string[] = [];
  await replay(ENGINES.at(-1)!, askedOfNewer).info();
  assert.deepEqual(askedOfNewer, ["/_ping", "/version", "/v1.47/info"]);
});

test("an engine without the header is asked for its version", async () => {
  const engine = { ...ENGINES[0], headers: {} };
  assert.equal(await replay(engine).apiVersion(), "1.41");
});

test("an engine that is too old is refused in one sentence", async () => {
  await assert.rejects(
    createDocker("1.40").info(),
    (error: FlowctlError) => {
      assert.equal(
        error.message,
        `Cannot read the engine's info: the engine at "unix:///fake.sock" speaks API 1.40, and 1.41 or newer is needed`,
      );
      return isFlowctlError(error, "unsupported") && error.hint === "Update Docker to 20.10 or newer";
    },
  );
});

test("an engine that serves only newer versions than ours is refused in one sentence", async () => {
  const engine: RecordedEngine = {
    ...ENGINES.at(-1)!,
    headers: { "api-version": "1.60" },
    version: { ApiVersion: "1.60", MinAPIVersion: "1.50" },
  };
  await assert.rejects(
    replay(engine).info(),
    (error: FlowctlError) =>
      isFlowctlError(error, "unsupported") && /1\.50 or newer, and this flowctl 1\.47$/.test(error.message),
  );
});

test("something that is no engine is refused in one sentence", async () => {
  const docker = new Docker({ fetch: () => Promise.resolve(new Response("{}")) });
  await assert.rejects(docker.info(), (error) => isFlowctlError(error, "unsupported"));
});

test("an engine that is replaced by an older one is asked again", async () => {
  let engine = createFakeEngine({ apiVersion: "1.47" });
  const docker = new Docker({ fetch: (input, init) => engine.fetch(input, init) });
  assert.equal(await docker.apiVersion(), "1.47");
  engine = createFakeEngine({ apiVersion: "1.41" });
  engine.failNext("GET /info", { status: 400, message: "client version 1.47 is too new" });
  await assert.rejects(docker.info());
  assert.equal(await docker.apiVersion(), "1.41");
});

test("versions are compared by their numbers", () => {
  assert.ok(compareVersions("1.9", "1.41") < 0);
  assert.ok(compareVersions("2.0", "1.47") > 0);
  assert.equal(compareVersions("1.41", "1.41"), 0);
});

test("times reach the engine as Unix seconds without losing a nanosecond", () => {
  assert.equal(unixTime("2026-11-21T12:53:35.163690148Z"), "1795265615.163690148");
  assert.equal(unixTime("1795265615.5"), "1795265615.5");
  assert.equal(unixTime(1795265615), "1795265615");
  assert.equal(unixTime(Temporal.Instant.from("2026-11-21T13:53:35+01:00")), "1795265615.000000000");
  assert.equal(unixTime(undefined), undefined);
});

function createDocker(apiVersion: string): Docker {
  return new Docker({ fetch: createFakeEngine({ apiVersion }).fetch, address: "unix:///fake.sock" });
}

test("a question about the version that hangs holds up nobody who gives up waiting, and the next one is asked anew", async () => {
  const engine = createFakeEngine();
  const docker = new Docker({ fetch: engine.fetch });
  engine.failNext("GET /_ping", "hang");
  const first = new AbortController();
  const hanging = docker.info({ signal: first.signal });
  const impatient = new AbortController();
  const waiting = docker.info({ signal: impatient.signal });
  impatient.abort();
  await assert.rejects(waiting, (error) => isFlowctlError(error, "cancelled"));
  assert.ok((await docker.info()).ID !== undefined);
  first.abort();
  await assert.rejects(hanging, (error) => isFlowctlError(error, "cancelled"));
});

test("who waits for somebody else's question about the version asks it anew when that one gives up", async () => {
  const engine = createFakeEngine();
  const docker = new Docker({ fetch: engine.fetch });
  engine.failNext("GET /_ping", "hang");
  const first = new AbortController();
  const hanging = docker.info({ signal: first.signal });
  const waiting = docker.info();
  // Once the question hangs, and not before it was asked.
  while (engine.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  first.abort();
  await assert.rejects(hanging, (error) => isFlowctlError(error, "cancelled"));
  assert.ok((await waiting).ID !== undefined);
});
