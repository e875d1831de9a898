/**
 * Printing that is done when it returns.
 *
 * Bun's `process.stdout` writes to a pipe later, and `process.exit` in a flow then loses what was printed (measured: 18,000 of 20,000
 * lines); in a container standard output is such a pipe, and its lines are the second copy of the logs.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes a line to standard output. When nobody reads any more it is dropped. */
export function printLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`, "utf8");
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // A pipe that does not block is full: its reader is slower than the flow.
      if ((error as { code?: string }).code !== "EAGAIN") return;
      Atomics.wait(pause, 0, 0, 2);
    }
  }
}
