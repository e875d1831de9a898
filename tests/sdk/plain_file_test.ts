import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { PROJECT, runScript } from "../testing/program.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

async function runPlain(text: string, args: string[] = [], files: Record<string, string> = {}) {
  using folder = testFolder({ ...files, "real/flow.ts": text });
  // A path with a link in it, as /tmp is on some systems.
  symlinkSync(`${folder.path}/real`, `${folder.path}/link`);
  const ended = await runScript(`${PROJECT}tests/sdk/plain_program.ts`, [`${folder.path}/link/flow.ts`, ...args]);
  const lines = ended.stdout.trimEnd().split("\n");
  const told = JSON.parse(lines.pop()!) as { runs: [string, string | null][]; logs: string[]; closed: number };
  return { ...ended, lines, ...told };
}

test("a plain file is the main module, has its own arguments, and its process ends by itself", async () => {
  const ended = await runPlain(
    `import { flow } from "flowctl";
import { isMain } from "./lib.ts";
interface Parameters { name: string }
const hello = flow("hello", ({ name }: Parameters) => {
  process.stdout.write("raw\\u001b[1m\\n");
  console.log("Hello, " + name);
});
if (import.meta.main) await hello({ name: process.argv.slice(2).join(" ") });
await hello({ name: String(isMain) });
console.log("outside");
`,
    ["big", "world"],
    { "real/lib.ts": "export const isMain = import.meta.main;" },
  );
  assert.equal(ended.stderr, "");
  assert.equal(ended.code, 0);
  assert(ended.lines.includes("raw\u001b[1m"));
  assert(ended.lines.includes("outside"));
  assert(ended.lines.some((line) => line.endsWith("INFO - flowctl.hello | Hello, big world")));
  assert(ended.lines.some((line) => line.endsWith("INFO - flowctl.hello | Hello, false")));
  assert.deepEqual(ended.runs.map(([name]) => name), ["Completed", "Completed"]);
  assert.equal(ended.closed, 1);
  assert(ended.logs.includes("Hello, big world"));
});

test("a plain file that throws is one sentence with its line", async () => {
  const ended = await runPlain('const a: number = 1;\n\nthrow new Error("bad " + a);\n');
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^Cannot load ".*flow\.ts": it throws bad 1 at .*flow\.ts:3:\d+\n$/);
});

for (
  const [what, code] of [
    ["a rejection that nobody handles", 'void Promise.reject(new Error("left alone"));'],
    ["a throw in a timer", 'setTimeout(() => { throw new Error("left alone"); });'],
  ]
) {
  test(`${what} makes the run Failed with its reason and line`, async () => {
    const ended = await runPlain(`import { flow } from "flowctl";
const f = flow("f", async () => {
  ${code}
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
await f().catch((error) => console.log("caught " + error.message));
process.exit(0);
`);
    assert.deepEqual(ended.lines.at(-1), "caught left alone");
    assert.equal(ended.runs[0][0], "Failed");
    assert.match(ended.runs[0][1]!, /left alone \(.*flow\.ts:3:\d+\)$/);
  });
}

test("a flow that calls process.exit ends the process with that code, and what it printed is there", async () => {
  const ended = await runPlain(`import { flow } from "flowctl";
await flow("f", () => {
  for (let i = 0; i < 20000; i++) console.log("a line of some length, so that a pipe is full soon: " + i);
  console.log("last words");
  process.exit(3);
})();
`);
  assert.equal(ended.code, 3);
  assert(ended.lines.at(-1)?.endsWith("| last words"));
  assert.equal(ended.lines.length, 20002);
  assert.equal(ended.runs[0][0], "Running");
});

test("SIGTERM aborts the flow's signal, and the run is Crashed when nobody cancelled it", async () => {
  const ended = await runPlain(`import { flow } from "flowctl";
const f = flow("f", async (_: object, { signal }) => {
  setTimeout(() => process.kill(process.pid, "SIGTERM"), 1);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  console.log("cleaned up");
  throw new Error("stopped");
});
await f({}).catch(() => {});
`);
  assert.equal(ended.runs[0][0], "Crashed");
  assert(ended.logs.includes("cleaned up"));
});
