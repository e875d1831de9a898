/**
 * `deno task test [GROUP…] [FILE…]`: runs checks and tests and ends with the line `N passed, N failed`.
 *
 * Groups: all (when none is named), checks, unit, bun, e2e, long. Files and folders narrow a group to them.
 *
 * @module
 */

import process from "node:process";
import { killRunning } from "./lib/command.ts";
import { closingLine, count, duration, failureText, type StepResults, summary } from "./lib/results.ts";
import { type Group, GROUPS, stepsOf, TestRun } from "./lib/test_run.ts";

async function main(args: string[]): Promise<number> {
  const groups = args.filter((arg): arg is Group => (GROUPS as readonly string[]).includes(arg));
  const run = new TestRun(args.filter((arg) => !(groups as string[]).includes(arg)));
  const stop = () => {
    killRunning();
    run.close().finally(() => process.exit(130));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  const done: StepResults[] = [];
  const started = performance.now();
  try {
    for (const { title, run: runStep } of stepsOf(groups.length > 0 ? groups : ["all"])) {
      console.log(`== ${title}`);
      const since = performance.now();
      const results = await runStep(run).catch((error) => [
        { name: `${title} can be run`, outcome: "failed" as const, detail: String(error?.stack ?? error) },
      ]);
      for (const result of results) if (result.outcome === "failed") console.log(failureText(result));
      console.log(`   ${closingLine(results).replaceAll(",", ";")} in ${duration(performance.now() - since)}`);
      done.push({ title, results });
    }
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await run.close();
  }
  console.log(`\nIt took ${duration(performance.now() - started)}\n`);
  console.log(summary(done));
  const results = done.flatMap((step) => step.results);
  return count(results, "failed") > 0 || results.length === 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
