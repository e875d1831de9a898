/**
 * What compiled files are called, which Bun compiles them, and how a missing Deno stub is told.
 *
 * @module
 */

import assert from "node:assert/strict";
import { bunVersion, hostPackage, TARGETS } from "../../scripts/lib/bun.ts";
import { denoFailure, outputName } from "../../scripts/lib/compile.ts";
import { test } from "../testing/test.ts";

test("a compiled file is named after its platform and runtime, and ends in .exe for Windows", () => {
  assert.equal(outputName({}, "linux"), "flowctl");
  assert.equal(outputName({}, "win32"), "flowctl.exe");
  assert.equal(outputName({ target: "linux-arm64" }, "win32"), "flowctl-linux-arm64");
  assert.equal(outputName({ target: "windows-x64" }, "linux"), "flowctl-windows-x64.exe");
  assert.equal(outputName({ runtime: "deno" }, "linux"), "flowctl-deno");
});

test("the six platforms of the releases can be asked for", () => {
  assert.deepEqual(Object.keys(TARGETS).sort(), [
    "darwin-arm64",
    "darwin-x64",
    "linux-arm64",
    "linux-x64",
    "linux-x64-musl",
    "windows-x64",
  ]);
});

test("each machine has its package of Bun", () => {
  assert.equal(hostPackage("linux", "x64", false), "bun-linux-x64");
  assert.equal(hostPackage("linux", "arm64", true), "bun-linux-aarch64-musl");
  assert.equal(hostPackage("darwin", "arm64", false), "bun-darwin-aarch64");
  assert.equal(hostPackage("win32", "x64", false), "bun-windows-x64");
  assert.match(bunVersion(), /^\d+\.\d+\.\d+$/);
});

test("a stub that cannot be had is told in one sentence with what to do", () => {
  const offline =
    "Compile main.ts\nerror: Writing executable\n\nCaused by:\n    0: Setting up base binary.\n    1: dns error\n";
  assert.match(denoFailure(offline, undefined), /^Cannot compile with Deno: its runtime stub .* DENORT_BIN/);
  assert.doesNotMatch(denoFailure(offline, undefined), /\n/);
  const gone = "error: Writing executable\n\nCaused by:\n    0: Could not find denort at '/x'\n";
  assert.match(denoFailure(gone, "/x"), /DENORT_BIN names "\/x"/);
});

test("any other failure of deno compile is told in Deno's own words", () => {
  assert.equal(
    denoFailure("Compile\nerror: Module not found\n  at x", undefined),
    "Cannot compile with Deno: Module not found",
  );
});
