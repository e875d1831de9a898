/**
 * Drives the compiled binary as a user would: in a fresh home, with its own server and agent, on a real engine.
 *
 * Everything waits for a condition, never for time, and a {@link World} takes away all that its test made.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createClient } from "../../src/client/client.ts";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import { isFinal } from "../../src/domain/states.ts";

/** The compiled binary under test. */
export const BINARY: string = process.env.FLOWCTL_BINARY ?? join(import.meta.dirname!, "../../dist/flowctl");

/** How a command ended. */
export interface Result {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** How a command is started. */
export interface CommandOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** All of its standard input; none by default. */
  input?: string;
}

/** A command that still runs. */
export interface Running {
  child: ChildProcess;
  /** All that it printed so far, both streams. */
  output(): string;
  stdout(): string;
  /** Resolves with the match as soon as the output has it; rejects when the command ends without. */
  prints(pattern: RegExp, ms?: number): Promise<RegExpMatchArray>;
  exited: Promise<Result>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Result>;
}

/** Waits until `check` answers something, looking again every few milliseconds; fails after `ms`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 30_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** One test's home, files, processes and containers. */
export class World {
  readonly root: string = mkdtempSync(join(tmpdir(), "flowctl-e2e-"));
  readonly home: string = join(this.root, "home");
  readonly work: string = join(this.root, "work");
  readonly #running: Running[] = [];
  readonly #command: string[];
  #docker?: Promise<Docker>;

  /**
   * @param command What `flowctl` is: the compiled binary, unless another is said
   * @param more Environment of every command
   */
  constructor(command: string[] = [BINARY], readonly more: Record<string, string> = {}) {
    this.#command = command;
    for (const dir of [this.work]) writeDir(dir);
  }

  get docker(): Promise<Docker> {
    return this.#docker ??= openDocker({ env: process.env });
  }

  /** The environment of commands: empty but for what every shell has. */
  env(extra: Record<string, string> = {}): Record<string, string> {
    const keep: Record<string, string> = {};
    for (const name of ["PATH", "LANG", "TMPDIR", "DOCKER_HOST", "FLOWCTL_TEST_RUN"]) {
      const value = process.env[name];
      if (value !== undefined) keep[name] = value;
    }
    return { ...keep, HOME: this.root, FLOWCTL_HOME: this.home, ...this.more, ...extra };
  }

  /** Writes a file into the working folder and returns its path. */
  file(name: string, text: string): string {
    const path = join(this.work, name);
    writeDir(join(path, ".."));
    writeFileSync(path, text);
    return path;
  }

  /** Starts a command and lets it run. */
  start(args: string[], options: CommandOptions = {}): Running {
    const [program, ...before] = this.#command;
    const child = spawn(program, [...before, ...args], {
      cwd: options.cwd ?? this.work,
      env: this.env(options.env),
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => {}).end(options.input);
    let stdout = "", stderr = "", both = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text, both += text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text, both += text));
    let ended: Result | undefined;
    const exited = new Promise<Result>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(ended = { code, signal, stdout, stderr }));
    });
    const running: Running = {
      child,
      exited,
      output: () => both,
      stdout: () => stdout,
      prints: (pattern, ms) =>
        until(`"flowctl ${args.join(" ")}" prints ${pattern}; it printed:\n${both}`, () => {
          const found = both.match(pattern);
          if (found === null && ended !== undefined) {
            throw new Error(`"flowctl ${args.join(" ")}" ended (${ended.code}) without printing ${pattern}:\n${both}`);
          }
          return found ?? undefined;
        }, ms).catch((error) => {
          throw new Error(`${(error as Error).message}\n--- printed ---\n${both}`);
        }),
      async stop(signal = "SIGTERM") {
        // Deno says of a child that was told to stop by `child.kill` that the signal ended it, whatever it exited with.
        if (ended === undefined && child.exitCode === null) process.kill(child.pid!, signal);
        return await exited;
      },
    };
    this.#running.push(running);
    return running;
  }

  /** Runs a command to its end. */
  run(args: string[], options: CommandOptions = {}): Promise<Result> {
    return this.start(args, options).exited;
  }

  /** Runs a command that must succeed; answers what it printed on stdout. */
  async ok(args: string[], options: CommandOptions = {}): Promise<string> {
    const result = await this.run(args, options);
    assert.equal(
      result.code,
      0,
      `flowctl ${args.join(" ")} exited with ${result.code}:\n${result.stdout}${result.stderr}`,
    );
    return result.stdout;
  }

  /** Starts the server on a free port and waits until it answers. */
  async server(args: string[] = [], env: Record<string, string> = {}): Promise<Running & { url: string }> {
    const running = this.start(["orion", "start", "--port", "0", ...args], { env });
    const file = join(this.home, "server.json");
    const url = await until(`the server writes ${file}`, async () => {
      if (running.child.exitCode !== null) throw new Error(`The server ended:\n${running.output()}`);
      if (!existsSync(file)) return undefined;
      const { url, pid } = JSON.parse(readFileSync(file, "utf8") || "{}");
      if (pid !== running.child.pid) return undefined;
      const answer = await fetch(`${url}/api/health`.replace("/api/api/", "/api/")).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.ok ? url as string : undefined;
    });
    return Object.assign(running, { url: url.replace(/\/api\/?$/, "") });
  }

  /** A client of a server. */
  client(url: string): ReturnType<typeof createClient> {
    return createClient({ url: `${url}/api`, fetch });
  }

  /** Creates a run and answers its id and name, as the command printed them. */
  async createRun(
    deployment: string,
    args: string[] = [],
    env: Record<string, string> = {},
  ): Promise<{ id: string; name: string }> {
    const printed = await this.ok(["deployment", "run", deployment, ...args], { env });
    const found = printed.match(/Created flow run '([a-z-]+)' \(([0-9a-f-]{36})\)/);
    assert.ok(found, `"deployment run" printed no run:\n${printed}`);
    return { name: found[1], id: found[2] };
  }

  /** Waits until a run is over. */
  async finished(url: string, id: string, ms = 60_000): Promise<FlowRun> {
    const client = this.client(url);
    let last: FlowRun | undefined;
    return await until(`run ${id} ends`, async () => {
      last = await client.flowRuns.read(id);
      return isFinal(last.state_type) ? last : undefined;
    }, ms).catch((error) => {
      throw new Error(`${(error as Error).message}; it is ${last?.state_name}: ${last?.state?.message ?? ""}`);
    });
  }

  /** The log messages of a run in order. */
  async messages(url: string, id: string): Promise<string[]> {
    const client = this.client(url);
    const all: string[] = [];
    for (let offset = 0;; offset += 200) {
      const page = await client.logs.list({ logs: { flow_run_id: { any_: [id] } }, limit: 200, offset } as never);
      all.push(...page.map((log) => log.message));
      if (page.length < 200) return all;
    }
  }

  /** Containers of a run. */
  async containers(runId: string) {
    return await (await this.docker).listContainers({
      all: true,
      filters: { label: [`dev.flowctl.flow-run-id=${runId}`] },
    });
  }

  /** The id of this home's installation, by which its containers are known. */
  installation(): string | undefined {
    const file = join(this.home, "agent.json");
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).installation : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // An agent that is killed leaves its subprocesses and their folders: each may end by itself first.
    for (const running of this.#running.toReversed()) {
      const patience = setTimeout(() => void running.stop("SIGKILL"), 5000);
      await running.stop("SIGTERM");
      clearTimeout(patience);
    }
    const installation = this.installation();
    if (installation !== undefined) {
      const filters = { label: [`dev.flowctl.installation=${installation}`] };
      const docker = await this.docker;
      for (const { Id } of await docker.listContainers({ all: true, filters }).catch(() => [])) {
        await docker.getContainer(Id).remove({ force: true }).catch(() => {});
      }
    }
    (await this.#docker)?.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function writeDir(path: string): void {
  mkdirSync(path, { recursive: true });
}

/** The flow file of the seed. */
export const EXAMPLE = `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";

const myFlow = flow("my-flow", () => {
  console.log("Hello from Docker!");
});

new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new DockerFlowRunner() });
`;

/** A flow file with one Docker deployment `NAME/d`, whose body is given. */
export const dockerFlow = (name: string, body: string, options = "", head = ""): string =>
  `import { DeploymentSpec, DockerFlowRunner, flow, task } from "flowctl";
${head}
const f = flow(${
    JSON.stringify(name)
  }, async (parameters: Record<string, unknown>, { signal }: { signal: AbortSignal }) => {
${body}
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new DockerFlowRunner({ ${options} }) });
`;
