/**
 * Trying whether containers reach the API by URL, and handing them their token.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { untar } from "../../src/docker/tar.ts";
import type { CreateContainerOptions, EngineInfo } from "../../src/docker/types.ts";
import { ApiReach } from "../../src/runners/docker_reach.ts";
import type { RunnerHost } from "../../src/runners/runner.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createFakeEngine, type FakeContainer } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

const HOST = { apiUrl: "http://127.0.0.1:4200/api" } as RunnerHost;
const signal = new AbortController().signal;
const bodyOn = (NetworkMode: string): CreateContainerOptions => ({
  Image: "busybox:latest",
  Env: ["SECRET=1", "FLOWCTL_API_URL=http://host.docker.internal:4200/api"],
  Labels: { "dev.flowctl.installation": "home", "dev.flowctl.lease": "lease" },
  HostConfig: { NetworkMode, Memory: 1, ExtraHosts: ["host.docker.internal:host-gateway"] },
});

/** An engine whose containers end at once with that exit code. */
function ending(exitCode: () => number) {
  const seen: CreateContainerOptions[] = [];
  const engine = createFakeEngine({
    onStart: ({ id, options }: FakeContainer) => {
      seen.push(options);
      engine.die(id, { exitCode: exitCode() });
    },
  });
  return { engine, seen, docker: new Docker({ fetch: engine.fetch }) };
}

test("a way that works is tried once for each network, and nothing is left of the trial", async () => {
  const { engine, seen, docker } = ending(() => 0);
  const reach = new ApiReach({ docker, way: "url" });
  const check = (network: string) => reach.check(bodyOn(network), "busybox:latest", systemClock, signal);
  await Promise.all([check("bridge"), check("bridge")]);
  await check("bridge");
  assert.equal(seen.length, 1);
  await check("host");
  assert.equal(seen.length, 2);
  assert.equal(engine.containers.size, 0);
  assert.deepEqual(seen[0].Cmd, ["flow-run", "execute", "--check"]);
  assert.deepEqual(seen[0].Env, ["FLOWCTL_API_URL=http://host.docker.internal:4200/api"]);
  // A lease of its own run would have it taken for the run.
  assert.equal(seen[0].Labels!["dev.flowctl.lease"], undefined);
});

test("a way that does not work is told with the network and the address, and tried again", async () => {
  let exitCode = 4;
  const { engine, docker } = ending(() => exitCode);
  const reach = new ApiReach({ docker, way: "url" });
  const check = () => reach.check(bodyOn("mine"), "busybox:latest", systemClock, signal);
  await assert.rejects(check(), (error: Error & { hint?: string }) => {
    assert.match(error.message, /on network "mine": no answer at "http:\/\/host\.docker\.internal:4200\/api"$/);
    assert.match(error.hint!, /FLOWCTL_CONTAINER_API_URL/);
    return true;
  });
  assert.equal(engine.containers.size, 0);
  exitCode = 0;
  await check();
});

test("the way is what the engine allows, or what was said", () => {
  const { docker } = ending(() => 0);
  const rootless = { Name: "x", OperatingSystem: "", SecurityOptions: ["name=rootless"] } as unknown as EngineInfo;
  assert.deepEqual(new ApiReach({ docker, given: "http://a/api" }).byUrl(HOST, rootless), {
    apiUrl: HOST.apiUrl,
    given: "http://a/api",
  });
  assert.equal(new ApiReach({ docker, way: "socket" }).byUrl(HOST, rootless), undefined);
});

test("token and npm configuration are put into the container as files that any user can read", async () => {
  const { engine, docker } = ending(() => 0);
  const reach = new ApiReach({ docker });
  const Mounts = [{ Type: "volume" as const, Target: "/.flowctl-run" }];
  for (
    const [body, path, names] of [
      [bodyOn("bridge"), "/", [".flowctl-run", ".flowctl-run/token", ".flowctl-run/npmrc"]],
      [{ ...bodyOn("bridge"), HostConfig: { Mounts } }, "/.flowctl-run", ["token", "npmrc"]],
    ] as const
  ) {
    const container = await docker.createContainer(body);
    await reach.putFiles(container, "secret", [{ path: "npmrc", content: "a=b" }], body, signal);
    const [archive] = engine.find(container.id).archives;
    assert.equal(archive.path, path);
    const found: { path: string; mode?: number }[] = [];
    for await (const entry of untar(new Response(archive.tar as BodyInit).body!)) {
      found.push({ path: entry.path.replace(/\/$/, ""), mode: entry.mode });
    }
    assert.deepEqual(found.map((entry) => entry.path), names);
    assert.equal(found.at(-1)!.mode! & 0o777, 0o444);
  }
});
