/**
 * How many wrong tokens a neighbour may try: ten at once, then ten a minute.
 *
 * @module
 */

import { neighbourOf } from "../support/addresses.ts";
import type { Clock } from "../support/clock.ts";

/** How many failures a neighbour has at once. */
export const MOST_FAILURES = 10;
/** How long it takes until one of them is forgotten, in milliseconds. */
export const FORGIVEN_MS = 6_000;
/** Of how many neighbours failures are remembered; those who failed longest ago go first. */
const MOST_NEIGHBOURS = 10_000;

/** See the module's comment. */
export interface FailureLimit {
  /** In how many seconds the neighbour may try again; undefined: now. */
  wait(address: string): number | undefined;
  /** A try that failed. */
  failed(address: string): void;
}

/** Makes a {@link FailureLimit}. */
export function createFailureLimit(clock: Clock): FailureLimit {
  // Failures that are not forgotten yet, and when they were counted.
  const levels = new Map<string, { failures: number; at: number }>();
  const now = () => clock.now().epochMilliseconds;
  const level = (neighbour: string): number => {
    const known = levels.get(neighbour);
    return known === undefined ? 0 : Math.max(0, known.failures - (now() - known.at) / FORGIVEN_MS);
  };
  return {
    wait(address) {
      const above = level(neighbourOf(address)) - (MOST_FAILURES - 1);
      return above > 0 ? Math.ceil(above * FORGIVEN_MS / 1000) : undefined;
    },
    failed(address) {
      const neighbour = neighbourOf(address);
      const failures = Math.min(MOST_FAILURES, level(neighbour) + 1);
      levels.delete(neighbour);
      levels.set(neighbour, { failures, at: now() });
      if (levels.size > MOST_NEIGHBOURS) levels.delete(levels.keys().next().value!);
    },
  };
}
