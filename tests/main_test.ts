/** The program as a process: exit codes, signals, streams. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "../src/cli/environment.ts";
import { selfCommand } from "../src/support/runtime.ts";
import { test } from "./testing/test.ts";

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; `act` is called with its output so far whenever there is more. */
function run(main: string, args: string[], act?: (child: ChildProcess, stdout: string) => void): Promise<Ended> {
  const [command, ...before] = selfCommand(pathOf(main));
  const child = spawn(command, [...before, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => act?.(child, stdout += chunk));
  child.stderr.on("data", (chunk) => stderr += chunk);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a user's file with the program. */
async function runFile(text: string, act?: (child: ChildProcess, stdout: string) => void, args: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-main-"));
  try {
    writeFileSync(join(folder, "flow.ts"), text);
    return await run("../main.ts", [join(folder, "flow.ts"), ...args], act);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("variables that start this process are not handed on", () => {
  const env = { LD_LIBRARY_PATH: "/.flowctl", BUN_OPTIONS: "--preload x", BUN_BE_BUN: "1", PATH: "/bin" };
  cleanEnvironment(env);
  assert.deepEqual(env, { PATH: "/bin" });
  const own = { LD_LIBRARY_PATH: "/opt/lib" };
  cleanEnvironment(own);
  assert.deepEqual(own, { LD_LIBRARY_PATH: "/opt/lib" });
  const both = { LD_LIBRARY_PATH: "/.flowctl:/opt/lib:/more" };
  cleanEnvironment(both);
  assert.deepEqual(both, { LD_LIBRARY_PATH: "/opt/lib:/more" });
});

test("wrong usage is said on stderr and ends with 2", async () => {
  const { code, stdout, stderr } = await run("../main.ts", ["flow", "ls", "--bogus"], () => {});
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.equal(stderr, "Error: Unknown option '--bogus'\nHint: See: flowctl flow ls --help\n");
});

test("nothing of a long output is cut by the exit, also when it is read late", async () => {
  const [command, ...before] = selfCommand(pathOf("./cli/fixtures/print_much.ts"));
  const child = spawn(command, before, { stdio: ["ignore", "pipe", "pipe"] });
  let bytes = 0;
  child.stderr.once("data", () => child.stdout.on("data", (chunk) => bytes += chunk.length));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual({ code, bytes }, { code: 3, bytes: 5_000_000 });
});

test("a user's file is the main module, and its end is the end of the process", async () => {
  const { code, stdout, stderr } = await runFile(
    `import process from "node:process";
     const main: boolean = import.meta.main;
     setTimeout(() => { console.log("later"); process.exitCode = 7; }, 1);
     console.log(main, process.argv.slice(2).join());`,
    () => {},
    ["a", "--version"],
  );
  assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: "true a,--version\nlater\n", stderr: "" });
});

for (
  const [what, text] of [
    ["throws at its top level", "const a = 1;\nthrow new TypeError('boom');"],
    ["throws later", "\nsetTimeout(() => { throw new TypeError('boom'); });"],
    ["forgets a rejection", "\nvoid Promise.reject(new TypeError('boom'));"],
  ]
) {
  test(`a user's file that ${what} is told in one sentence with its line, and ends with 1`, async () => {
    const { code, stderr } = await runFile(text, () => {});
    assert.equal(code, 1);
    assert.match(stderr, /boom.*flow\.ts:2|flow\.ts:2.*boom/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
}

if (process.platform !== "win32") {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`${signal} ends a user's file with ${code}`, async () => {
      const text = `import process from "node:process";
        process.on("exit", (code) => console.log("exit", code));
        setInterval(() => {}, 1000);
        console.log("up");`;
      const ended = await runFile(text, (child, stdout) => {
        if (stdout === "up\n") child.kill(signal);
      });
      // Deno's node:child_process tells of codes above 128 as of a signal; what the process itself saw is sure.
      assert.equal(ended.stdout, `up\nexit ${code}\n`);
      assert(ended.code === code || ended.code === null);
    });
  }
}

test("a missing file is one sentence", async () => {
  const { code, stderr } = await run("../main.ts", ["./nowhere.ts"], () => {});
  assert.equal(code, 3);
  assert.match(stderr, /^Error: Cannot load ".*nowhere\.ts": there is no such file\n$/);
});
