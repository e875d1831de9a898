/**
 * Finding, starting and stopping a Docker Engine, and what was left in it, with an engine that is a script.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startDockerd } from "../../scripts/lib/dockerd.ts";
import { parseHost, ping } from "../../scripts/lib/engine_api.ts";
import { added, inEngine } from "../../scripts/lib/leftovers.ts";
import { test } from "../testing/test.ts";

/** Answers what an engine answers, from a file of answers, and keeps a pid file as dockerd does. */
const FAKE = `
import { createServer } from "node:http";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
const [folder] = process.argv.slice(2);
const pidFile = folder + "/engine.pid";
if (existsSync(pidFile)) { console.error("pid file found, ensure docker is not running"); process.exit(1); }
writeFileSync(pidFile, String(process.pid));
const answers = JSON.parse(readFileSync(folder + "/answers.json", "utf8"));
createServer((request, response) => {
  if (request.url === "/_ping") return response.end("OK");
  const answer = answers[request.url];
  response.statusCode = answer === undefined ? 404 : 200;
  response.end(JSON.stringify(answer ?? { message: "page not found" }));
}).listen(folder + "/engine.sock");
process.on("SIGTERM", () => { rmSync(pidFile); process.exit(0); });
`;

interface Fake {
  folder: string;
  endpoint: { socketPath: string };
  start: () => ReturnType<typeof startDockerd>;
}

async function withFake(answers: Record<string, unknown>, body: (fake: Fake) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-"));
  try {
    writeFileSync(join(folder, "engine.mjs"), FAKE);
    writeFileSync(join(folder, "answers.json"), JSON.stringify(answers));
    const endpoint = { socketPath: join(folder, "engine.sock") };
    const runtime = "bun" in process.versions ? [] : ["run", "-A"];
    const args = [...runtime, join(folder, "engine.mjs"), folder];
    const pidFile = join(folder, "engine.pid");
    await body({ folder, endpoint, start: () => startDockerd({ endpoint, command: process.execPath, args, pidFile }) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an engine is started beside a stale pid file, answers, and is gone when it is stopped", () =>
  withFake({}, async ({ folder, endpoint, start }) => {
    assert.equal(await ping(endpoint), false);
    // A process id above the system's highest belongs to nobody.
    writeFileSync(join(folder, "engine.pid"), "99999999");
    const engine = await start();
    assert.equal(await ping(endpoint), true);
    assert.equal(Number(readFileSync(join(folder, "engine.pid"), "utf8")), engine.pid);
    await engine.stop();
    assert.equal(await ping(endpoint), false);
    assert.equal(existsSync(join(folder, "engine.pid")), false);
    assert.throws(() => process.kill(engine.pid, 0));
  }));

test("an engine that ends at once is told with the end of its log", () =>
  withFake({}, async ({ folder, start }) => {
    writeFileSync(join(folder, "engine.pid"), String(process.pid));
    await assert.rejects(start(), /it ended at once; the end of its log:\npid file found/);
  }));

test("an engine that does not exist is told by its name", async () => {
  const endpoint = { socketPath: "/nowhere/engine.sock" };
  const options = { endpoint, command: "no-such-engine", pidFile: "/nowhere/engine.pid" };
  await assert.rejects(startDockerd(options), /Cannot start the Docker Engine "no-such-engine": .*no-such-engine/);
});

test("what bears a label of flowctl and was not there before is left behind", () => {
  const labels = { "dev.flowctl.installation": "x" };
  const answers = {
    "/containers/json?all=1": [
      { Id: "c1", Names: ["/old-run"], State: "exited", Labels: labels },
      { Id: "c2", Names: ["/new-run"], State: "running", Labels: labels },
      { Id: "c3", Names: ["/somebody-else"], State: "running", Labels: {} },
    ],
    "/volumes": { Volumes: [{ Name: "flowctl-0.1.0", Labels: labels }, { Name: "other", Labels: null }] },
    "/networks": [{ Id: "n1", Name: "bridge", Labels: {} }],
    "/images/json?all=1": [{ Id: "i1", RepoTags: ["flowctl/flowctl:x"], Labels: labels }, { Id: "i2", RepoTags: null }],
  };
  return withFake(answers, async ({ endpoint, start }) => {
    const engine = await start();
    try {
      const before = new Map([["container c1", "container old-run (exited)"]]);
      assert.deepEqual(added(before, await inEngine(endpoint)), [
        "container new-run (running)",
        "volume flowctl-0.1.0",
        "image flowctl/flowctl:x",
      ]);
    } finally {
      await engine.stop();
    }
  });
});

test("an engine's address is read as Docker's tools write it", () => {
  assert.deepEqual(parseHost("unix:///var/run/docker.sock"), { socketPath: "/var/run/docker.sock" });
  assert.deepEqual(parseHost("npipe:////./pipe/docker_engine"), { socketPath: "//./pipe/docker_engine" });
  assert.deepEqual(parseHost("tcp://127.0.0.1:2375"), { host: "127.0.0.1", port: 2375 });
  assert.deepEqual(parseHost("tcp://[::1]:2375"), { host: "::1", port: 2375 });
  assert.equal(parseHost("ssh://me@host"), undefined);
});
