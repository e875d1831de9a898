/**
 * What every command receives: environment, streams, time, the API. Nothing of it is global.
 *
 * @module
 */

import { settingText } from "../config/profiles.ts";
import type { Clock } from "../support/clock.ts";
import { CONSOLE_LEVELS, type ConsoleLevel, createLog, type Log } from "../support/log.ts";
import { harmlessLine } from "../support/text.ts";
import { createOutput, type Output, type Writer } from "./output.ts";
import type { Connection, Parts } from "./parts.ts";

/** What the process offers; `main.ts` makes it of the real one, tests of texts. */
export interface Host {
  env: Record<string, string | undefined>;
  cwd: string;
  stdin: Reader;
  stdout: Writer;
  stderr: Writer;
  clock: Clock;
  random: () => number;
  /** Aborted by the first SIGINT or SIGTERM; the reason says which, see `stoppedBy`. */
  signal: AbortSignal;
  parts: Parts;
}

/** Standard input. */
export interface Reader {
  readonly isTerminal: boolean;
  /** Everything up to its end. */
  text(): Promise<string>;
  /** The next line without its newline; undefined at the end. */
  line(signal: AbortSignal): Promise<string | undefined>;
  /** Asks on a terminal for a line that is not shown; undefined when it is ended or stopped. */
  hidden(prompt: string, signal: AbortSignal): Promise<string | undefined>;
}

/** See the module's comment. */
export interface Context extends Host {
  /** `--verbose`, or `FLOWCTL_DEBUG=1`. */
  verbose: boolean;
  /** What the program ends with when nothing is thrown. */
  exitCode: number;
  out: Output;
  /** Whether there is somebody to ask. */
  readonly isInteractive: boolean;
  /** A log that writes to stderr. */
  log(level?: ConsoleLevel): Log;
  /**
   * The API in use; the same for the whole command, closed at its end. Says on stderr which one, for people.
   *
   * @param over What goes before the environment: options of the command such as `--api`.
   */
  connect(over?: Host["env"]): Promise<Connection>;
  /** Closes what was opened. */
  close(): Promise<void>;
}

/** Makes a {@link Context}. */
export function createContext(host: Host): Context {
  let connection: Promise<Connection> | undefined;
  const context: Context = {
    ...host,
    verbose: host.env.FLOWCTL_DEBUG === "1",
    exitCode: 0,
    out: createOutput(host.stdout, host.stderr, host.env),
    isInteractive: host.stdin.isTerminal && host.stderr.isTerminal,
    log: (level) =>
      createLog({
        level: level ?? (context.verbose ? "DEBUG" : levelOf(host.env)),
        write: (line) => host.stderr.write(`${line}\n`),
        clock: host.clock,
      }),
    connect: (over) => connection ??= open(over),
    async close() {
      await (await connection?.catch(() => undefined))?.close();
    },
  };

  async function open(over: Host["env"] = {}): Promise<Connection> {
    const opened = await host.parts.connect({
      env: { ...host.env, ...over },
      log: context.log("WARNING"),
      clock: host.clock,
      random: host.random,
    });
    if (context.verbose || host.stderr.isTerminal) context.out.note(describe(opened));
    return opened;
  }
  return context;
}

/** A wrong level is told of where the settings are read; this must not fail. */
const levelOf = (env: Host["env"]): ConsoleLevel =>
  CONSOLE_LEVELS.find((level) => level === settingText(env, "FLOWCTL_LOG_LEVEL")?.toUpperCase()) ?? "INFO";

/** Which API is in use, in one sentence. */
export function describe(connection: Pick<Connection, "mode" | "address">): string {
  const address = harmlessLine(connection.address);
  switch (connection.mode) {
    case "remote":
      return `Using the API at ${address}`;
    case "server":
      return `Using the server of this home at ${address}`;
    case "ephemeral":
      return `Using an ephemeral API in ${address}`;
  }
}
