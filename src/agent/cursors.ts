/**
 * How far an attempt's lines were delivered, kept on disk for the agent that takes over after a `kill -9`.
 *
 * A cursor may be older than the truth, never newer: what is read again has keys that the API knows.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../support/clock.ts";
import { inHome } from "../support/paths.ts";

/** See the module's comment. */
export interface Cursor {
  /** RFC 3339; undefined when nothing has been delivered yet. */
  read(): string | undefined;
  /** Writes at most twice a second. */
  advance(timestamp: string): void;
  remove(): void;
}

const EVERY_MS = 500;

/** The cursor of one lease. */
export function openCursor(home: string, leaseId: string, clock: Clock): Cursor {
  const path = inHome(home, "run", `${leaseId}.cursor`);
  let writtenMs = -Infinity;
  return {
    read() {
      try {
        const text = readFileSync(path, "utf8").trim();
        Temporal.Instant.from(text);
        return text;
      } catch {
        return undefined;
      }
    },
    advance(timestamp) {
      const now = clock.now().epochMilliseconds;
      if (now - writtenMs < EVERY_MS) return;
      writtenMs = now;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(path, timestamp, { mode: 0o600 });
      } catch {
        // Without it the next agent reads everything again.
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}
