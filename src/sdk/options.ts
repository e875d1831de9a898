/**
 * Checks users' options: a misspelt one is refused by name instead of being dropped silently.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";

/** Refuses options that are not in the list. @param what What is made, e.g. `flow "etl"` */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = known.find((name) => distance(name.toLowerCase(), key.toLowerCase().replaceAll("_", "")) <= 2);
    throw new FlowctlError("invalid", `Cannot make ${what}: it has no option "${key}"`, {
      hint: near === undefined ? `The options are ${known.join(", ")}.` : `Did you mean "${near}"?`,
    });
  }
}

/** Refuses a name that is no text or has one of the characters that addresses need. */
export function checkName(what: string, name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new FlowctlError(
      "invalid",
      `Cannot make ${what}: its name is ${typeof name === "string" ? "empty" : "not a text"}`,
    );
  }
  if (/[/%&<>]/.test(name)) {
    throw new FlowctlError("invalid", `Cannot make ${what} "${name}": a name cannot contain any of / % & > <`);
  }
}

/** Refuses what is not a number of at least `least`. */
export function checkNumber(what: string, option: string, value: unknown, least = 0): void {
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) {
    if (one === undefined || (typeof one === "number" && Number.isFinite(one) && one >= least)) continue;
    throw new FlowctlError(
      "invalid",
      `Cannot make ${what}: ${option} is ${JSON.stringify(one)}, not a number of at least ${least}`,
    );
  }
}

/** Levenshtein's distance, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
