/**
 * The lines of runs in the agent's terminal. As soon as two runs are shown at once, each line says whose it is.
 *
 * @module
 */

import { formatLogLine } from "../support/log.ts";
import { harmless } from "../support/text.ts";

/** A line as it is shown. */
export interface ShownLine {
  /** Without its mark. */
  text: string;
  stream: "stdout" | "stderr";
  /** RFC 3339. */
  timestamp: string;
  /** Whether it is (part of) a record of the SDK, which has the console's shape. */
  isRecord: boolean;
}

/** One run's part of the terminal. */
export interface ShownRun {
  print(line: ShownLine): void;
  /** Its lines are at their end. */
  close(): void;
}

/** All runs whose lines are shown. */
export class ShownRuns {
  readonly #print: (line: string) => void;
  readonly #isShaped: boolean;
  readonly #open = new Set<ShownRun>();

  /**
   * @param print Takes a line, harmless already.
   * @param isShaped Whether lines that programs print by themselves get the console's shape too (`--show-flow-logs`).
   */
  constructor(print: (line: string) => void, isShaped: boolean) {
    this.#print = print;
    this.#isShaped = isShaped;
  }

  /** Begins to show a run. */
  open(name: string, kind: "container" | "process"): ShownRun {
    const run: ShownRun = {
      print: ({ text, stream, timestamp, isRecord }) => {
        const line = this.#isShaped && !isRecord && !SHAPED.test(text) ? shaped(text, stream, timestamp, kind) : text;
        this.#print(harmless(this.#open.size > 1 ? `${name} | ${line}` : line));
      },
      close: () => void this.#open.delete(run),
    };
    this.#open.add(run);
    return run;
  }
}

const SHAPED = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}\] [A-Z]+ - \S+ \| /;

function shaped(text: string, stream: ShownLine["stream"], timestamp: string, kind: string): string {
  const level = stream === "stdout" ? "INFO" : "WARNING";
  return formatLogLine(Temporal.Instant.from(timestamp), level, `flowctl.${kind}`, text);
}
