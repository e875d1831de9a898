/**
 * Each check of `flowctl doctor`, over a fake engine, a fake API and given times.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkApi } from "../../../src/agent/doctor/api.ts";
import type { Check } from "../../../src/agent/doctor/check.ts";
import { checkClocks, readApiClock } from "../../../src/agent/doctor/clocks.ts";
import { checkEngine } from "../../../src/agent/doctor/engine.ts";
import { checkHome, lookAtHome } from "../../../src/agent/doctor/home.ts";
import { runDoctor } from "../../../src/agent/doctor/mod.ts";
import { checkNames, hostNameIn } from "../../../src/agent/doctor/names.ts";
import { checkRegistry } from "../../../src/agent/doctor/registry.ts";
import type { Client } from "../../../src/client/client.ts";
import { Docker } from "../../../src/docker/client.ts";
import { groupName } from "../../../src/docker/socket_group.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { FlowctlError } from "../../../src/support/errors.ts";
import { silentLog } from "../../../src/support/log.ts";
import { createFakeEngine, type FakeContainer } from "../../testing/fake_engine.ts";
import { testFolder } from "../../testing/files.ts";
import { test } from "../../testing/test.ts";
import { tinyElf } from "../agent_api.ts";

const { signal } = new AbortController();
/** A check that found something says what to do, in one line. */
function hasFix({ status, fix, message }: Check, said: RegExp): void {
  assert.notEqual(status, "ok", message);
  assert.match(fix ?? "", said);
  assert.ok(!fix!.includes("\n") && !message.includes("\n"));
}

test("an engine that answers is well, and its version is said", async () => {
  const check = await checkEngine(new Docker({ fetch: createFakeEngine().fetch, address: "unix:///d.sock" }), signal);
  assert.equal(check.status, "ok");
  assert.match(check.message, /Engine 20\.10\.24 answers at "unix:\/\/\/d\.sock" \(API 1\.41\)/);
});

test("an engine that is too old, or away, fails with what to do", async () => {
  const old = createFakeEngine({ apiVersion: "1.40" });
  const tooOld = await checkEngine(new Docker({ fetch: old.fetch }), signal);
  assert.equal(tooOld.status, "fail");
  hasFix(tooOld, /20\.10|Update/);
  const engine = createFakeEngine();
  engine.setDown(true);
  const away = await checkEngine(new Docker({ fetch: engine.fetch }), signal);
  assert.equal(away.status, "fail");
  hasFix(away, /DOCKER_HOST/);
});

for (const [group, fix] of [["wheel", /usermod -aG wheel USER/], ["root", /as root/]] as const) {
  test(`a socket that this user may not use fails with the name of its group: ${group}`, async () => {
    const fetch = () => Promise.reject(Object.assign(new Error("connect EACCES"), { code: "EACCES" }));
    const check = await checkEngine(new Docker({ fetch, address: "unix:///d.sock" }), signal, (path) => {
      assert.equal(path, "/d.sock");
      return group;
    });
    assert.equal(check.status, "fail");
    assert.match(check.message, new RegExp(`group "${group}"`));
    hasFix(check, fix);
  });
}

test("a group's name is looked up by its number", () => {
  assert.equal(groupName("root:x:0:\ndocker:x:998:ada\n", 998), "docker");
  assert.equal(groupName("root:x:0:\n", 99), undefined);
});

const clientOf = (version: string | FlowctlError) =>
  ({
    url: "http://fake/api",
    admin: {
      health: () => version instanceof FlowctlError ? Promise.reject(version) : Promise.resolve(true),
      version: () => Promise.resolve(version),
    },
  }) as unknown as Client;

test("an API is well when it answers with this version, and else says what to do", async () => {
  const check = (version: string | FlowctlError, mode: "remote" | "ephemeral" = "remote") =>
    checkApi({ client: clientOf(version), mode, address: "http://fake/api" }, "0.1.0");
  assert.equal((await check("0.1.0")).status, "ok");
  const other = await check("0.2.0");
  assert.equal(other.status, "warn");
  hasFix(other, /0\.2\.0/);
  const own = await check("0.1.0", "ephemeral");
  assert.equal(own.status, "warn");
  hasFix(own, /orion start/);
  const away = await check(new FlowctlError("unavailable", "Cannot reach the API", { hint: "Start a server" }));
  assert.deepEqual([away.status, away.fix], ["fail", "Start a server"]);
});

test("a home is well when it can be written and has room; looking leaves nothing behind", () => {
  using folder = testFolder();
  const home = join(folder.path, "not", "there");
  const facts = lookAtHome(home);
  assert.equal(facts.problem, undefined);
  assert.deepEqual(readdirSync(folder.path), []);
  assert.ok(facts.freeBytes > 0);
  writeFileSync(join(folder.path, "file"), "");
  assert.notEqual(lookAtHome(join(folder.path, "file", "home")).problem, undefined);
  assert.equal(checkHome(home, { freeBytes: 2e9 }).status, "ok");
  hasFix(checkHome(home, { freeBytes: 5e8 }), /space/);
  assert.equal(checkHome(home, { freeBytes: 5e8 }).status, "warn");
  assert.equal(checkHome(home, { freeBytes: 5e6 }).status, "fail");
  const denied = checkHome(home, { freeBytes: 2e9, problem: "EACCES" });
  assert.equal(denied.status, "fail");
  hasFix(denied, /FLOWCTL_HOME/);
});

test("clocks that differ by seconds are a warning, by more than a lease a failure", () => {
  const check = (aheadSeconds: number) =>
    checkClocks([{ whose: "The API's", aheadSeconds }, { whose: "x", aheadSeconds: 1 }]);
  assert.equal(check(0).status, "ok");
  assert.equal(check(-6).status, "warn");
  assert.match(check(-6).message, /The API's clock is 6 s behind/);
  assert.equal(check(90).status, "fail");
  hasFix(check(90), /timedatectl/);
});

test("the API's clock is read from the date of an answer, whose seconds are whole", async () => {
  const now = Temporal.Instant.from("2026-11-21T12:00:00.900Z");
  const clock = { ...systemClock, now: () => now };
  const reading = (date: string | undefined) =>
    readApiClock(
      "http://fake/api",
      () => Promise.resolve(new Response("true", { headers: date ? { date } : {} })),
      clock,
    );
  assert.equal((await reading("Sat, 21 Nov 2026 12:00:00 GMT"))?.aheadSeconds, 0);
  assert.equal(Math.round((await reading("Sat, 21 Nov 2026 12:01:00 GMT"))!.aheadSeconds), 59);
  assert.equal(Math.round((await reading("Sat, 21 Nov 2026 11:59:00 GMT"))!.aheadSeconds), -60);
  assert.equal(await reading(undefined), undefined);
});

test("only names are resolved, and those that can't be are said", async () => {
  const addresses = [
    "tcp://engine.example:2376",
    "http://127.0.0.1:4200/api",
    "unix:///d.sock",
    "http://[::1]/api",
    "",
  ];
  assert.deepEqual(addresses.map(hostNameIn), ["engine.example", undefined, undefined, undefined, undefined]);
  const asked: string[] = [];
  const lookup = (name: string) => (asked.push(name), Promise.resolve());
  assert.equal((await checkNames(addresses, lookup)).status, "ok");
  assert.deepEqual(asked, ["engine.example"]);
  const missing = await checkNames(addresses, () => Promise.reject(new Error("ENOTFOUND")));
  assert.match(missing.message, /"engine\.example"/);
  hasFix(missing, /resolv\.conf/);
});

test("an image that can be pulled is well, and one that can't is told with what to do", async () => {
  const engine = createFakeEngine({ images: [], pullable: ["app:1"] });
  const docker = new Docker({ fetch: engine.fetch });
  const asked = (image: string) =>
    checkRegistry({ docker, image, env: { DOCKER_CONFIG: "/-" }, log: silentLog, signal });
  assert.equal((await asked("app:1")).status, "ok");
  const unknown = await asked("nobody:1");
  assert.equal(unknown.status, "fail");
  hasFix(unknown, /name/);
  engine.failNext(/images\/create/, { status: 401, message: "unauthorized: authentication required" });
  hasFix(await asked("app:1"), /docker login/);
});

/** A doctor in a world whose containers end as they are told. */
async function doctor(exitCode: number, more: { image?: string; isDown?: boolean } = {}) {
  using folder = testFolder();
  const own = join(folder.path, "flowctl");
  writeFileSync(own, tinyElf(), { mode: 0o755 });
  let started: FakeContainer | undefined;
  const engine = createFakeEngine({
    images: [],
    onStart(container) {
      started = container;
      if (exitCode !== 0) engine.print(container.id, "Cannot reach the API: no answer", { stream: "stderr" });
      engine.die(container.id, { exitCode });
    },
  });
  engine.setDown(more.isDown ?? false);
  const checks = await runDoctor({
    home: join(folder.path, "home"),
    docker: new Docker({ fetch: engine.fetch, address: "unix:///d.sock" }),
    program: { version: "0.1.0", runtime: "bun1.4", own, env: {} },
    connect: () =>
      Promise.resolve({
        client: clientOf("0.1.0"),
        mode: "remote" as const,
        address: "http://fake/api",
        fetch: () => Promise.resolve(new Response("true")),
      }),
    lookup: () => Promise.resolve(),
    clock: systemClock,
    log: silentLog,
    signal,
    ...more,
  });
  return { checks, engine, started, of: (name: string) => checks.find(({ check }) => check === name) };
}

test("the way from a container is tried with a container that bears our label and does not stay", async () => {
  const { of, engine, started } = await doctor(0);
  assert.equal(of("reach")?.status, "ok", JSON.stringify(of("reach")));
  assert.equal(engine.containers.size, 0);
  const { Labels, HostConfig, Env } = started!.options;
  assert.match(Labels!["dev.flowctl.installation"], /^[0-9a-f-]{36}$/);
  assert.ok("dev.flowctl.probe" in Labels!);
  assert.equal(HostConfig!.Mounts![0].Target, "/.flowctl-run");
  assert.deepEqual(Env, ["FLOWCTL_API_URL=unix:///.flowctl-run/api.sock"]);
  assert.equal(of("registry"), undefined, "nobody named an image");
});

test("a container that does not reach the API fails with what it said, and does not stay either", async () => {
  const { of, engine } = await doctor(1);
  assert.equal(of("reach")?.status, "fail");
  assert.match(of("reach")!.message, /Cannot reach the API: no answer/);
  hasFix(of("reach")!, /FLOWCTL_HOME/);
  assert.equal(engine.containers.size, 0);
});

test("what needs an engine is left out when none answers", async () => {
  const { checks } = await doctor(0, { isDown: true, image: "app:1" });
  assert.deepEqual(checks.map(({ check }) => check), ["home", "api", "engine", "dns"]);
});
