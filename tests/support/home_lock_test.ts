import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isFlowctlError } from "../../src/support/errors.ts";
import { isHomeLocked, lockHome } from "../../src/support/home_lock.ts";
import { isBun } from "../../src/support/runtime.ts";
import { test } from "../testing/test.ts";

async function inFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-lock-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a lock is held once, and again after its release", () =>
  inFolder((folder) => {
    const path = join(folder, "server.lock");
    const first = lockHome(path);
    assert.ok(first);
    assert.equal(lockHome(path), undefined);
    assert.equal(isHomeLocked(path), true);
    first.release();
    first.release();
    assert.equal(isHomeLocked(path), false);
    const second = lockHome(path);
    assert.ok(second);
    assert.deepEqual(readdirSync(folder), ["server.lock"], "a lock needs one file only");
    second.release();
  }));

test("another process's lock holds, and ends with a killed process", () =>
  inFolder(async (folder) => {
    const path = join(folder, "agent.lock");
    const module = new URL("../../src/support/home_lock.ts", import.meta.url).href;
    const script = `import { lockHome } from "${module}"; ` +
      `console.log(lockHome(process.argv.at(-1)) ? "held" : "refused"); ` +
      // Nobody refers to the lock any more; it must hold all the same.
      `globalThis.Bun?.gc(true); setInterval(() => {}, 1000);`;
    const args = isBun ? ["-e", script, path] : ["eval", script, path];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    const gone = new Promise((resolve) => child.once("close", resolve));
    try {
      const said = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
      assert.equal(said.trim(), "held");
      assert.equal(lockHome(path), undefined);
    } finally {
      child.kill("SIGKILL");
      await gone;
    }
    const lock = lockHome(path);
    assert.ok(lock);
    lock.release();
  }));

test("a lock that can't be made is forbidden, in one sentence", () => {
  assert.throws(
    () => lockHome("/proc/nowhere/server.lock"),
    (error) => isFlowctlError(error, "forbidden") && /"\/proc\/nowhere\/server.lock"/.test(error.message),
  );
});
