/**
 * The first process's duty.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseStat, zombiesOf } from "../../src/support/reaper.ts";
import { testFolder } from "../testing/files.ts";
import { skip, test } from "../testing/test.ts";

test("state and parent of a process are read whatever its name is", () => {
  assert.deepEqual(parseStat("7 (sh) Z 1 7 7 0"), { state: "Z", parent: 1 });
  assert.deepEqual(parseStat("7 (a) Z 9 (b) S 12 7"), { state: "S", parent: 12 });
  assert.deepEqual(parseStat(""), { state: "", parent: 0 });
});

test("zombies of other parents and the living are left alone", () => {
  using folder = testFolder();
  for (const [pid, state, parent] of [[5, "Z", 1], [6, "S", 1], [7, "Z", 5], [8, "Z", 1]]) {
    mkdirSync(join(folder.path, String(pid)));
    writeFileSync(join(folder.path, String(pid), "stat"), `${pid} (x) ${state} ${parent} 0`);
  }
  mkdirSync(join(folder.path, "9"));
  mkdirSync(join(folder.path, "self"));
  assert.deepEqual(zombiesOf(1, folder.path).sort(), [5, 8]);
});

test("a child that runs is no zombie", async () => {
  if (!existsSync("/proc/self/stat")) skip("This machine has no /proc");
  const child = spawn("sleep", ["30"], { stdio: "ignore" });
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    assert.ok(!zombiesOf(process.pid).includes(child.pid!));
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
});
