import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readSettings } from "../../src/config/settings.ts";
import { startServer } from "../../src/server/start.ts";
import { stopServer } from "../../src/server/stop.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { lockHome } from "../../src/support/home_lock.ts";
import { silentLog } from "../../src/support/log.ts";
import { createNodeFetch } from "../../src/support/node_fetch.ts";
import { test } from "../testing/test.ts";

/** A home with a server, and `stop` with a kill that tests decide about. Sleeping takes no time. */
async function stage() {
  const home = mkdtempSync(join(tmpdir(), "flowctl-home-"));
  const server = await startServer({
    settings: readSettings({ FLOWCTL_HOME: home }),
    port: 0,
    services: false,
    log: silentLog,
  });
  const fetch = createNodeFetch();
  const killed: [number, string | number][] = [];
  return {
    home,
    server,
    killed,
    stop: (
      kill: (pid: number, signal: "SIGTERM" | 0) => void,
      more: { machine?: string; waitMs?: number; isZombie?: (pid: number) => boolean } = {},
    ) =>
      stopServer({
        home,
        fetch,
        clock: { now: () => Temporal.Now.instant(), sleep: () => new Promise((resolve) => setTimeout(resolve)) },
        waitMs: 60_000,
        signal: new AbortController().signal,
        kill(pid, signal) {
          killed.push([pid, signal]);
          kill(pid, signal);
        },
        ...more,
      }),
    async [Symbol.asyncDispose]() {
      fetch.close();
      await server.stop();
      rmSync(home, { recursive: true });
    },
  };
}

const gone = () => {
  throw Object.assign(new Error("no such process"), { code: "ESRCH" });
};

test("the server is asked with SIGTERM and waited for until its process is gone", async () => {
  await using at = await stage();
  let looks = 0;
  const stopped = await at.stop((_, signal) => signal === 0 && ++looks === 3 ? gone() : undefined);
  assert.equal(stopped?.url, at.server.url);
  assert.deepEqual(at.killed, [[process.pid, "SIGTERM"], [process.pid, 0], [process.pid, 0], [process.pid, 0]]);
});

test("a process that ended counts as gone also when its parent does not look", async () => {
  await using at = await stage();
  let looks = 0;
  await at.stop(() => {}, { isZombie: () => ++looks === 3 });
  assert.equal(looks, 3);
});

test("no server is no failure, and looking for one makes nothing", async () => {
  await using at = await stage();
  await at.server.stop();
  const files = readdirSync(at.home);
  assert.equal(await at.stop(gone), undefined);
  assert.deepEqual(at.killed, []);
  assert.deepEqual(readdirSync(at.home), files);
});

test("a process id that a killed server left behind is never signalled, even where another server answers", async () => {
  await using other = await stage();
  await using at = await stage();
  await at.server.stop();
  writeFileSync(join(at.home, "server.json"), JSON.stringify({ pid: 1, url: other.server.url, instance: "gone" }));
  assert.equal(await at.stop(gone), undefined);
  assert.deepEqual(at.killed, []);
});

for (
  const [name, kill, more, code, words] of [
    [
      "of another user",
      () => {
        throw Object.assign(new Error("not permitted"), { code: "EPERM" });
      },
      {},
      "forbidden",
      /another user's/,
    ],
    ["that does not end", () => {}, { waitMs: 200 }, "timeout", /process \d+ does not end/],
    ["on another machine, whose process ids are others", gone, { machine: "elsewhere" }, "unsupported", /it runs on "/],
  ] as const
) {
  test(`a server ${name} is an error of one sentence`, async () => {
    await using at = await stage();
    await assert.rejects(at.stop(kill, more), (error) => isFlowctlError(error, code) && words.test(error.message));
    if (code === "unsupported") assert.deepEqual(at.killed, []);
  });
}

test("a server that holds its home and does not answer is not signalled blindly", async () => {
  await using at = await stage();
  const said = readFileSync(join(at.home, "server.json"), "utf8");
  await at.server.stop();
  writeFileSync(join(at.home, "server.json"), said);
  const lock = lockHome(join(at.home, "server.lock"));
  try {
    await assert.rejects(
      at.stop(gone),
      (error) => isFlowctlError(error, "unavailable") && /does not answer/.test(error.message),
    );
    assert.deepEqual(at.killed, []);
  } finally {
    lock?.release();
  }
});
