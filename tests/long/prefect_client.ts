/**
 * An unmodified Prefect 2.20 client: installed by pip into a folder of its own, and run against a server.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { skip } from "../testing/test.ts";

/** How a program ended, with both of its streams. */
export interface Ended {
  code: number | null;
  output: string;
}

/** A program that still runs. */
export interface Program {
  output(): string;
  ended: Promise<Ended>;
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

function start(command: string, args: string[], options: { cwd: string; env: Record<string, string> }): Program {
  const child: ChildProcess = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => output += text);
  }
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.on("error", (error) => resolve({ code: null, output: String(error) }));
    child.on("close", (code) => resolve({ code, output }));
  }).finally(() => over = true);
  return {
    output: () => output,
    ended,
    async stop(signal) {
      if (!over && child.exitCode === null) process.kill(child.pid!, signal);
      return await ended;
    },
  };
}

const environment = (): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    // Settings of pip and of proxies are the machine's; those of Prefect would be another server's.
    if (value !== undefined && !/^(PREFECT|FLOWCTL_(HOME|API))/.test(name)) kept[name] = value;
  }
  return kept;
};

/** One installed client. */
export class PrefectClient implements AsyncDisposable {
  readonly #running: Program[] = [];

  private constructor(readonly folder: string) {}

  /** Installs one; skips the running test when this machine cannot. */
  static async install(): Promise<PrefectClient> {
    const folder = mkdtempSync(join(tmpdir(), "flowctl-prefect-"));
    const client = new PrefectClient(folder);
    const options = { cwd: folder, env: environment() };
    const giveUp = async (reason: string): Promise<never> => {
      await client[Symbol.asyncDispose]();
      skip(reason);
    };
    const made = await start("python3", ["-m", "venv", join(folder, "venv")], options).ended;
    if (made.code !== 0) await giveUp("This machine has no python3 that can make virtual environments");
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "prefect==2.20.*"];
    const installed = await start(client.#bin("python"), pip, options).ended;
    if (installed.code !== 0) await giveUp("The package index does not give Prefect 2.20 to pip");
    return client;
  }

  #bin(name: string): string {
    return join(this.folder, "venv", "bin", name);
  }

  /** Writes a file of flows. */
  file(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts `python …` or `prefect …` against a server. */
  start(url: string, program: "python" | "prefect", args: string[]): Program {
    const env = {
      ...environment(),
      HOME: this.folder,
      // Its runner leaves a folder there.
      TMPDIR: this.folder,
      PREFECT_HOME: join(this.folder, "home"),
      PREFECT_API_URL: `${url}/api`,
      PREFECT_RUNNER_POLL_FREQUENCY: "1",
      PREFECT_LOGGING_TO_API_BATCH_INTERVAL: "0.2",
      NO_COLOR: "1",
      COLUMNS: "200",
      PYTHONUNBUFFERED: "1",
    };
    const running = start(this.#bin(program), args, { cwd: this.folder, env });
    this.#running.push(running);
    return running;
  }

  /** Runs one to its end. */
  run(url: string, program: "python" | "prefect", args: string[]): Promise<Ended> {
    return this.start(url, program, args).ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
