/**
 * Runs test files on Deno or Bun and tells what each test came to.
 *
 * @module
 */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { bunPath } from "./bun.ts";
import { denoPath, type Ended, plain, run } from "./command.ts";
import { parseJunit } from "./junit.ts";
import { projectPath, ROOT } from "./project.ts";
import type { Result } from "./results.ts";

/** How test files are run. */
export interface TestFileOptions {
  /** Test files, relative to the root. */
  files: string[];
  /** A folder of this run for reports; nothing is left in it. */
  scratch: string;
  env?: Record<string, string>;
  /** All files together take at most this long. */
  timeoutMs: number;
}

/** Runs test files on Deno, in one process. Types are not checked here: `deno task check` did it. */
export async function testOnDeno(options: TestFileOptions): Promise<Result[]> {
  const results = await testOnce(options, (report) => [
    denoPath(),
    [
      "test",
      "-A",
      "--no-check",
      "--node-modules-dir=manual",
      `--junit-path=${report}`,
      ...options.files,
    ],
  ]);
  // Deno writes no report at all when one file cannot be loaded; one by one the others still count.
  if (results || options.files.length === 1) return results ?? [];
  const each: Result[] = [];
  for (const file of options.files) each.push(...await testOnDeno({ ...options, files: [file] }));
  return each;
}

/** Runs test files on Bun, in one process. */
export async function testOnBun(options: TestFileOptions): Promise<Result[]> {
  const bun = await bunPath();
  return await testOnce(options, (report) => [
    bun,
    [
      "test",
      "--timeout=60000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...options.files.map((f) => `./${f}`),
    ],
  ]) ?? [];
}

/** Answers undefined when there was no report and more than one file. */
async function testOnce(
  { files, scratch, env, timeoutMs }: TestFileOptions,
  commandLine: (report: string) => [string, string[]],
): Promise<Result[] | undefined> {
  const report = join(scratch, "report.xml");
  const skips = join(scratch, "skips.jsonl");
  const ended = await run(...commandLine(report), {
    timeoutMs,
    env: { NO_COLOR: "1", ...env, FLOWCTL_TEST_SKIPS: skips },
  });
  const xml = existsSync(report) ? readFileSync(report, "utf8") : undefined;
  const skipped = existsSync(skips) ? readFileSync(skips, "utf8") : "";
  rmSync(report, { force: true });
  rmSync(skips, { force: true });
  if (xml === undefined && files.length > 1 && !ended.timedOut) return undefined;
  return readResults({ files, xml: xml ?? "", skips: skipped, ended, timeoutMs });
}

/** What a run of test files left, for {@link readResults}. */
export interface TestRun {
  files: string[];
  /** The JUnit report; empty when there is none. */
  xml: string;
  /** Lines of JSON that `skip()` of `tests/testing/test.ts` wrote. */
  skips: string;
  ended: Pick<Ended, "code" | "output" | "timedOut">;
  timeoutMs: number;
}

/**
 * Puts the report, the skips and the end of the process together. A file that no test came from, and a process that
 * ended badly although no test failed, are failures of their own.
 */
export function readResults({ files, xml, skips, ended, timeoutMs }: TestRun): Result[] {
  const reasons = new Map<string, string>();
  for (const line of skips.split("\n").filter(Boolean)) {
    const { name, reason } = JSON.parse(line) as { name: string; reason: string };
    reasons.set(name, reason);
  }
  const output = plain(ended.output);
  const tests = parseJunit(xml);
  const results: Result[] = tests.map(({ name, outcome, detail }) => {
    const reason = reasons.get(name);
    if (outcome === "passed" && reason !== undefined) return { name, outcome: "skipped", detail: reason };
    if (outcome === "failed") return { name, outcome, detail: detail + printedBy(name, output) };
    return { name, outcome, detail };
  });
  if (ended.timedOut) {
    const name = `${files.join(", ")} ends within ${timeoutMs / 1000} s`;
    return [...results, { name, outcome: "failed", detail: output }];
  }
  const heard = new Set(tests.map(({ file }) => projectPath(resolve(ROOT, file))));
  // Deno names the file that called Deno.test(), which is tests/testing/test.ts for all; the headings are right.
  for (const [, file] of output.matchAll(/^running [1-9]\d* tests? from (?:\.\/)?(\S+)$/gm)) {
    heard.add(projectPath(resolve(ROOT, file)));
  }
  const silent = files.filter((file) => !heard.has(file));
  for (const file of silent) {
    results.push({ name: `${file} loads and holds a test`, outcome: "failed", detail: output });
  }
  if (ended.code !== 0 && !results.some(({ outcome }) => outcome === "failed")) {
    results.push({ name: `${files.join(", ")} end with exit code 0`, outcome: "failed", detail: output });
  }
  return results;
}

/** What a failed test printed, as Deno shows it between two marks; nothing when it printed nothing. */
function printedBy(name: string, output: string): string {
  const start = output.indexOf(`${name} ...\n------- `);
  if (start < 0) return "";
  const end = output.indexOf(" output end -----", start);
  return end < 0 ? "" : "\n\nIt printed:\n" + output.slice(output.indexOf("\n", start + name.length + 5) + 1, end + 17);
}
