/**
 * A test run: what its steps share, and the steps by the names that `deno task test` takes.
 *
 * @module
 */

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { checkLayers } from "../layers.ts";
import { checkDeclarations, checkDocs, checkExamples, checkFormat, checkLint, checkTypes } from "./checks.ts";
import { compile } from "./compile.ts";
import { ensureBusybox } from "./busybox.ts";
import { ensureChromium } from "./chromium.ts";
import { type Endpoint, remove } from "./engine_api.ts";
import { type Engine, ensureEngine } from "./engine.ts";
import { added, inEngine, runningProcesses, type Things } from "./leftovers.ts";
import { listFiles } from "./project.ts";
import { ensureRegistry } from "./registry.ts";
import { duration, type Result } from "./results.ts";
import { testOnBun, testOnDeno } from "./test_files.ts";

/** One step: a heading, and what it does. */
export interface Step {
  title: string;
  run(run: TestRun): Promise<Result[]>;
}

const UNIT_LIMIT = 10 * 60_000;
const E2E_LIMIT = 5 * 60_000;
const LONG_LIMIT = 30 * 60_000;

/** The groups of steps that can be asked for. */
export const GROUPS = ["all", "checks", "unit", "bun", "e2e", "long"] as const;

/** A group of steps. */
export type Group = typeof GROUPS[number];

/** What the steps of one run share: a folder, the binary, the engine, and what was there before. */
export class TestRun {
  /** A folder of this run; all that tests make for a time goes into `tmp` below it. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "flowctl-test-"));
  /** Only programs that this run started have it in their environment. */
  readonly mark: string = `FLOWCTL_TEST_RUN=${process.pid}-${Date.now()}`;
  binary?: string;
  engine?: Engine;
  #before: Things = new Map();

  /** @param only Test files to run instead of all of their group; folders count for what they hold */
  constructor(readonly only: string[] = []) {
    mkdirSync(this.temporary);
    // Some tests run the program as another user.
    chmodSync(this.folder, 0o711);
  }

  /** Where tests find their `TMPDIR`. Short, since paths of sockets are limited to 107 bytes. */
  get temporary(): string {
    return join(this.folder, "tmp");
  }

  /** What test files find in their environment. */
  get env(): Record<string, string> {
    const [name, value] = this.mark.split("=");
    return {
      TMPDIR: this.temporary,
      [name]: value,
      ...(this.binary && { FLOWCTL_BINARY: this.binary }),
      ...(this.engine?.answers && { FLOWCTL_TEST_ENGINE: "1" }),
      ...(this.engine && !this.engine.answers && { FLOWCTL_TEST_ENGINE_MISSING: this.engine.says }),
    };
  }

  /** Compiles the binary that the tests drive. */
  async compile(): Promise<Result[]> {
    const name = "the program compiles into one file";
    try {
      const { path, bytes, ms } = await compile();
      this.binary = realpathSync(path);
      console.log(`  dist/flowctl: ${(bytes / 1e6).toFixed(1)} MB in ${duration(ms)}`);
      return [{ name, outcome: "passed" }];
    } catch (error) {
      return [{ name, outcome: "failed", detail: (error as Error).message }];
    }
  }

  /** Sees to an engine, and notes what is in it now. That none can be had fails no test: those that need it are skipped. */
  async seeToEngine(): Promise<Result[]> {
    this.engine = await ensureEngine({ tell: (line) => console.log(`  ${line}`) });
    console.log(`  ${this.engine.says}`);
    if (this.engine.answers) await ensureBusybox((line) => console.log(`  ${line}`));
    if (this.engine.answers) await ensureRegistry((line) => console.log(`  ${line}`));
    await ensureChromium((line) => console.log(`  ${line}`));
    const { endpoint } = this.engine;
    if (endpoint) this.#before = await inEngine(endpoint);
    return [];
  }

  /** Runs test files one after the other, each in a process and a time limit of its own. */
  async runEach(folder: string, timeoutMs: number): Promise<Result[]> {
    const results: Result[] = [];
    if (!this.binary) return results;
    for (const file of this.select(testFiles(folder))) {
      const started = performance.now();
      const own = await testOnDeno({ files: [file], scratch: this.folder, env: this.env, timeoutMs });
      const failed = own.some(({ outcome }) => outcome === "failed");
      console.log(`  ${failed ? "failed" : "ok"} ${file} (${own.length}, ${duration(performance.now() - started)})`);
      results.push(...own);
    }
    return results;
  }

  /** Runs the unit tests on one runtime. */
  runUnit(runner: typeof testOnDeno): Promise<Result[]> {
    const apart = /^tests\/(e2e|long)\//;
    const files = this.select(testFiles("tests").filter((file) => !apart.test(file)));
    if (files.length === 0) return Promise.resolve([]);
    return runner({ files, scratch: this.folder, env: this.env, timeoutMs: UNIT_LIMIT });
  }

  /** Whatever the run made and did not take away is a failure. Processes among it are ended, so that none lives on. */
  async checkLeftovers(): Promise<Result[]> {
    const left: string[] = [];
    const { endpoint } = this.engine ?? {};
    if (endpoint) {
      await this.removeCaches(endpoint);
      // What is just being removed is gone in a moment.
      const look = async () => added(this.#before, await inEngine(endpoint));
      let found = await look();
      for (const end = Date.now() + 10_000; found.length > 0 && Date.now() < end; found = await look()) {
        await sleep(200);
      }
      left.push(...found);
    }
    for (const { pid, says } of runningProcesses(this.mark)) {
      left.push(says);
      process.kill(pid, "SIGKILL");
    }
    left.push(...readdirSync(this.temporary).map((name) => `file or folder "${name}" in TMPDIR`));
    const name = "the tests leave nothing behind";
    return [left.length === 0 ? { name, outcome: "passed" } : { name, outcome: "failed", detail: left.join("\n") }];
  }

  /** The default image and the binary's volumes outlive containers by design, for the next run; this was the last one. */
  private async removeCaches(endpoint: Endpoint): Promise<void> {
    for (const [id, says] of await inEngine(endpoint)) {
      if (this.#before.has(id) || !/^(image (flowctl\/flowctl:|<none>)|volume flowctl-)/.test(says)) continue;
      const [kind, name] = id.split(" ");
      await remove(endpoint, kind === "image" ? `/images/${name}?force=1` : `/volumes/${name}`).catch(() => {});
    }
  }

  /** Stops what this run started and removes its folder. */
  async close(): Promise<void> {
    await this.engine?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private select(files: string[]): string[] {
    const asked = this.only.map((path) => path.replace(/^\.\//, "").replace(/\/$/, ""));
    return asked.length === 0
      ? files
      : files.filter((file) => asked.some((p) => file === p || file.startsWith(`${p}/`)));
  }
}

const testFiles = (folder: string): string[] => listFiles(folder, (path) => path.endsWith("_test.ts"));

const CHECKS: Step[] = [
  { title: "format", run: checkFormat },
  { title: "lint", run: checkLint },
  { title: "types", run: checkTypes },
  { title: "layers", run: checkLayers },
  { title: "docs", run: checkDocs },
  { title: "declarations", run: checkDeclarations },
  { title: "examples", run: checkExamples },
];
const UNIT: Step = { title: "unit tests on Deno", run: (run) => run.runUnit(testOnDeno) };
const BUN: Step = { title: "unit tests on Bun", run: (run) => run.runUnit(testOnBun) };
const COMPILE: Step = { title: "compile", run: (run) => run.compile() };
const ENGINE: Step = { title: "Docker Engine", run: (run) => run.seeToEngine() };
const E2E: Step = { title: "end-to-end tests", run: (run) => run.runEach("tests/e2e", E2E_LIMIT) };
const LONG: Step = { title: "long tests", run: (run) => run.runEach("tests/long", LONG_LIMIT) };
const LEFTOVERS: Step = { title: "leftovers", run: (run) => run.checkLeftovers() };

const STEPS: Record<Group, Step[]> = {
  all: [...CHECKS, UNIT, BUN, COMPILE, ENGINE, E2E],
  checks: CHECKS,
  unit: [UNIT],
  bun: [BUN],
  e2e: [COMPILE, ENGINE, E2E],
  long: [COMPILE, ENGINE, LONG],
};

/** The steps of some groups, each once, in order; what was left behind is looked for at the end. */
export function stepsOf(groups: Group[]): Step[] {
  return [...new Set([...groups.flatMap((group) => STEPS[group]), LEFTOVERS])];
}
