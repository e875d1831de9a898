/**
 * Test files are run, and nothing that went wrong goes unnoticed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { projectPath, ROOT } from "../../scripts/lib/project.ts";
import { readResults, testOnBun, testOnDeno } from "../../scripts/lib/test_files.ts";
import { test } from "../testing/test.ts";

const runner = "bun" in process.versions ? testOnBun : testOnDeno;
const ended = { code: 0, output: "", timedOut: false };
const junit = (name: string, body = "") =>
  `<testcase name="${name}" classname="./a_test.ts" file="a_test.ts">${body}</testcase>`;

test("a passing, a failing and a skipped test, and a file without a test, are told apart in a real run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-"));
  try {
    const shim = JSON.stringify(join(ROOT, "tests/testing/test.ts"));
    const two = join(folder, "two_test.ts");
    writeFileSync(
      two,
      `import { skip, test } from ${shim};
       test("passes", () => {});
       test("fails", () => { throw new Error("boo"); });
       test("lacks", () => skip("No spoon"));`,
    );
    const none = join(folder, "none_test.ts");
    writeFileSync(none, "export {};");
    const scratch = join(folder, "..");
    const results = await runner({ files: [two, none].map(projectPath), scratch, timeoutMs: 60_000 });
    const told = results.map(({ name, outcome, detail }) => [name.split("/").at(-1), outcome, detail?.split("\n")[0]]);
    assert.deepEqual(told.slice(0, 3), [
      ["passes", "passed", undefined],
      ["fails", "failed", "Error: boo"],
      ["lacks", "skipped", "No spoon"],
    ]);
    assert.deepEqual(told.slice(3).map(([name, outcome]) => [name, outcome]), [
      ["none_test.ts loads and holds a test", "failed"],
    ]);
    assert.deepEqual(readdirSync(folder).sort(), ["none_test.ts", "two_test.ts"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a failed test printed under Deno is shown with it", () => {
  const output = [
    "running 2 tests from ./a_test.ts",
    "a ...",
    "------- output -------",
    "noise of a",
    "----- output end -----",
    "a ... ok (1ms)",
    "b ...",
    "------- output -------",
    "noise of b",
    "----- output end -----",
    "b ... FAILED (1ms)",
  ].join("\n");
  const xml = junit("a") + junit("b", "<failure>boo</failure>");
  const [, failed] = readResults({
    files: ["a_test.ts"],
    xml,
    skips: "",
    timeoutMs: 1,
    ended: { ...ended, code: 1, output },
  });
  assert.match(failed.detail!, /^boo/);
  assert.match(failed.detail!, /noise of b/);
  assert.doesNotMatch(failed.detail!, /noise of a/);
});

test("a process that ends badly although every test passed is a failure", () => {
  const results = readResults({
    files: ["a_test.ts"],
    xml: junit("a"),
    skips: "",
    timeoutMs: 1,
    ended: { ...ended, code: 3 },
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["passed", "failed"]);
});

test("a run that was ended by its time limit is a failure that says so", () => {
  const results = readResults({
    files: ["a_test.ts"],
    xml: "",
    skips: "",
    timeoutMs: 5000,
    ended: { code: null, output: "last words", timedOut: true },
  });
  assert.deepEqual(results, [{ name: "a_test.ts ends within 5 s", outcome: "failed", detail: "last words" }]);
});

test("a skip counts for a test that passed, and never hides one that failed", () => {
  const skips = '{"name":"a","reason":"No spoon"}\n{"name":"b","reason":"No fork"}\n';
  const xml = junit("a") + junit("b", "<failure>boo</failure>");
  const results = readResults({ files: ["a_test.ts"], xml, skips, timeoutMs: 1, ended: { ...ended, code: 1 } });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["skipped", "failed"]);
});
