import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API_VERSION as SERVED_VERSION } from "../../src/api/request.ts";
import { API_VERSION } from "../../src/cli/commands/version.ts";
import { test } from "../testing/test.ts";
import { cli, type CliOptions } from "./support.ts";

test("without a word the help is printed", async () => {
  const { code, stdout } = await cli([]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: flowctl/);
});

test("a group without a command prints its help on stderr and is wrong usage", async () => {
  const { code, stdout, stderr } = await cli(["deployment"]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^Usage: flowctl deployment/);
});

for (const [words, guess] of [[["deploymnet", "ls"], "deployment"], [["deployment", "rn"], "run"]] as const) {
  test(`"flowctl ${words.join(" ")}" asks whether "${guess}" was meant`, async () => {
    const { code, stderr } = await cli([...words]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `Error: Unknown command '${
        words.find((word) => word !== "deployment" && word !== "ls")
      }'\nHint: Did you mean ${guess}?\n`,
    );
  });
}

test("--version prints the version alone", async () => {
  const { code, stdout } = await cli(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("version tells the same facts as a table and as JSON, without connecting", async () => {
  const options: CliOptions = { env: { FLOWCTL_HOME: "/srv/flowctl" }, parts: { connect: () => assert.fail() } };
  assert.match(
    (await cli(["version"], options)).stdout,
    /^Version: .*\nAPI version: 0\.8\.4\n(.*\n)*Home: +\/srv\/flowctl\n/,
  );
  const facts = JSON.parse((await cli(["version", "-o", "json"], options)).stdout);
  assert.equal(facts.home, "/srv/flowctl");
  assert.equal(facts.server_type, "ephemeral");
  const env = { FLOWCTL_ORION_HOST: "http://127.0.0.1:4200/api/" };
  assert.equal(JSON.parse((await cli(["version", "-o", "json"], { env })).stdout).server_type, "server");
  const parts = { findServer: () => Promise.resolve("http://127.0.0.1:4300") };
  const beside = JSON.parse((await cli(["version", "-o", "json"], { parts })).stdout);
  assert.deepEqual([beside.server_type, beside.api_url], ["server", "http://127.0.0.1:4300"]);
});

test("the API's version is the one that the API answers", () => {
  assert.equal(API_VERSION, SERVED_VERSION);
});

test("a bug is told without a stack, and with it when --verbose asks", async () => {
  const parts = { connect: () => Promise.reject(new TypeError("x is undefined")) };
  const short = await cli(["flow", "ls"], { parts });
  assert.equal(short.code, 70);
  assert.equal(
    short.stderr,
    "Error: Cannot go on: x is undefined\nHint: This is a bug of flowctl. Run the command again with --verbose to see where\n",
  );
  for (const options of [{ parts, env: { FLOWCTL_DEBUG: "1" } }, { parts }]) {
    const words = "env" in options ? ["flow", "ls"] : ["flow", "ls", "--verbose"];
    assert.match((await cli(words, options)).stderr, /TypeError: x is undefined\n\s+at/);
  }
});

test("what was connected is closed, also when the command fails", async () => {
  let closed = 0;
  const connect = () =>
    Promise.resolve({ client: {}, mode: "remote", address: "x", close: () => (closed++, Promise.resolve()) });
  assert.equal((await cli(["flow", "ls"], { parts: { connect } as never })).code, 70);
  assert.equal(closed, 1);
});

/** Which file was run, with which arguments. */
async function ran(args: string[], cwd: string) {
  const calls: unknown[] = [];
  const runAsMain = (...call: unknown[]) => (calls.push(call), Promise.resolve());
  const { code } = await cli(args, { cwd, parts: { runAsMain } });
  return { code, calls };
}

test("a file is run as the main module with what follows it, and the process ends when it ends", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "flowctl-cli-"));
  try {
    writeFileSync(join(cwd, "script"), "");
    writeFileSync(join(cwd, "flow"), "");
    for (const word of ["flow.ts", "./flow.mjs", join(cwd, "flow.mts"), "script"]) {
      const { code, calls } = await ran([word, "--help", "-x"], cwd);
      assert.deepEqual({ code, calls }, {
        code: undefined,
        calls: [[join(cwd, word.replace(cwd, "")), ["--help", "-x"]]],
      });
    }
    // A file that is called like a command is not meant.
    assert.deepEqual((await ran(["flow", "--help"], cwd)).calls, []);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test("flows are listed with their project", async () => {
  assert.equal((await cli(["flow", "ls", "-o", "name"])).stdout, "my-flow\n");
  assert.match((await cli(["flow", "ls"])).stdout, /^NAME +ID +TAGS +CREATED\nmy-flow +0199/);
});

test("--limit is a whole number of one or more", async () => {
  for (const limit of ["0", "-1", "1.5", "x", ""]) assert.equal((await cli(["flow", "ls", "--limit", limit])).code, 2);
});
