/**
 * What tests and checks came to, and how it is told: one line per step, every failure in full, the closing line last.
 *
 * @module
 */

/** One test or check. */
export interface Result {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped, or the output of what failed. */
  detail?: string;
}

/** One step of a test run with what it came to. */
export interface StepResults {
  title: string;
  results: Result[];
}

/** How many results have an outcome. */
export const count = (results: Result[], outcome: Result["outcome"]): number =>
  results.filter((result) => result.outcome === outcome).length;

/** `3 passed, 1 failed, 2 skipped`; skipped ones are left out when there are none. */
export function closingLine(results: Result[]): string {
  const skipped = count(results, "skipped");
  return `${count(results, "passed")} passed, ${count(results, "failed")} failed` +
    (skipped === 0 ? "" : `, ${skipped} skipped`);
}

/** The end of a test run: skipped tests with their reasons, failed ones by name, and the closing line alone at the end. */
export function summary(steps: StepResults[]): string {
  const lines: string[] = [];
  const list = (heading: string, outcome: Result["outcome"], tell: (step: string, result: Result) => string) => {
    const told = steps.flatMap(({ title, results }) =>
      results.filter((result) => result.outcome === outcome).map((result) => tell(title, result))
    );
    if (told.length > 0) lines.push(heading, ...told.map((line) => `  ${line}`), "");
  };
  list("Skipped:", "skipped", (step, { name, detail }) => `${step}: ${name}: ${detail ?? "no reason given"}`);
  list("Failed:", "failed", (step, { name }) => `${step}: ${name}`);
  lines.push(closingLine(steps.flatMap(({ results }) => results)));
  return lines.join("\n");
}

/** A failure as it is shown when its step ends. */
export function failureText({ name, detail }: Result): string {
  const body = (detail ?? "").trimEnd().split("\n").map((line) => `  | ${line}`).join("\n");
  return `FAILED ${name}\n${body}\n`;
}

/** Milliseconds as a person reads them: `0.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
