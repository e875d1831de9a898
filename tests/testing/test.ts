/**
 * One `test()` for both runtimes: `Deno.test` under Deno, whose sanitizers catch leaked timers, and `node:test` under Bun.
 *
 * A test that needs what the machine cannot give calls {@link skip} with the reason. It then counts as skipped and is
 * named in the summary of `deno task test`; neither runtime's own way of skipping carries a reason.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import process from "node:process";

type Body = () => void | Promise<void>;
type Register = (name: string, body: Body) => void;

/** Thrown by {@link skip}; ends the test's body without failing it. */
class Skipped extends Error {}

interface DenoTest {
  name: string;
  fn: Body;
  sanitizeOps: boolean;
  sanitizeResources: boolean;
}

const deno = (globalThis as unknown as { Deno?: { test: (test: DenoTest) => void } }).Deno;

// Both sanitizers are off by default: without them a timer, a file or a process that a test leaves stays unnoticed.
const register: Register = deno
  ? (name, fn) => deno.test({ name, fn, sanitizeOps: true, sanitizeResources: true })
  : (await import("node:test")).test as unknown as Register;

/** Registers a test. Its name is a fact about the product, readable aloud. */
export const test: Register = (name, body) =>
  register(name, async () => {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof Skipped)) throw error;
      report(name, error.message);
    }
  });

/**
 * Ends the running test as skipped.
 *
 * @param reason What this machine lacks, as a sentence without a period, for example `This machine runs no systemd`
 */
export function skip(reason: string): never {
  throw new Skipped(reason);
}

/** Skips the running test when no Docker Engine answers; `deno task test` says in the environment whether one does. */
export function needsEngine(): void {
  if (process.env.FLOWCTL_TEST_ENGINE === "1") return;
  skip(process.env.FLOWCTL_TEST_ENGINE_MISSING ?? "No Docker Engine was offered: set FLOWCTL_TEST_ENGINE=1 to use one");
}

/** The line is for the reader of one file's output; the file is for `scripts/test.ts`, which counts. */
function report(name: string, reason: string): void {
  console.log(`SKIP ${name}: ${reason}`);
  const list = process.env.FLOWCTL_TEST_SKIPS;
  if (list) appendFileSync(list, JSON.stringify({ name, reason }) + "\n");
}
