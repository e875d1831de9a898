/**
 * The compiled program as scripts use it: commands that are shown, a server that runs beside, and the engine's view.
 *
 * The engine is asked by plain requests and not by the program under trial.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Endpoint, remove } from "./engine_api.ts";

/** A command that runs beside. */
export interface Started {
  pid: number;
  /** Waits for a condition; fails when the command ends before, or after a minute. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Sends a signal, waits for the end. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; output: string }>;
}

/** A container as the engine tells of it. */
export interface SeenContainer {
  id: string;
  name: string;
  image: string;
  status: string;
}

/** Cancels the runs of a server and waits until its agent has let go of them. For cleaning up: what fails is left out. */
export async function endRuns(url: string): Promise<void> {
  const api = async (method: string, path: string, body?: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : [];
  };
  for (const { id, state_type } of await api("POST", "/flow_runs/filter", {}).catch(() => [])) {
    if (!["COMPLETED", "FAILED", "CANCELLED", "CRASHED"].includes(state_type)) {
      await api("POST", `/flow_runs/${id}/set_state`, { state: { type: "CANCELLING" } }).catch(() => {});
    }
    await api("GET", `/flow_runs/${id}/settled?wait_seconds=45`).catch(() => {});
  }
}

/** See the module's comment. */
export class Program {
  readonly #children = new Set<ChildProcess>();

  constructor(
    readonly path: string,
    readonly env: Record<string, string>,
    readonly cwd: string,
    readonly signal: AbortSignal,
  ) {}

  #spawn(args: string[], detached = false): ChildProcess {
    this.signal.throwIfAborted();
    const child = spawn(this.path, args, {
      cwd: this.cwd,
      env: { ...process.env, FLOWCTL_API_URL: undefined, FLOWCTL_ORION_HOST: undefined, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: detached && process.platform !== "win32",
    });
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  /** Runs a command, prints what it prints, answers its output. @throws When it does not exit with 0 */
  show(args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn(args);
      let output = "";
      const take = (to: NodeJS.WriteStream) => (text: string) => (output += text, to.write(text));
      child.stdout!.setEncoding("utf8").on("data", take(process.stdout));
      child.stderr!.setEncoding("utf8").on("data", take(process.stderr));
      const stop = () => child.kill("SIGINT");
      this.signal.addEventListener("abort", stop, { once: true });
      child.once("error", reject);
      child.once("close", (code) => {
        this.signal.removeEventListener("abort", stop);
        if (this.signal.aborted) reject(this.signal.reason);
        else if (code === 0) resolve(output);
        else reject(new Error(`it exited with ${code}`));
      });
    });
  }

  /** Starts a command beside; its output is printed behind a bar, unless `quiet`. */
  start(args: string[], quiet = false): Started {
    // In a group of its own: Ctrl-C is for the script, which stops it when what it holds has ended.
    const child = this.#spawn(args, true);
    let output = "";
    const take = (text: string) => {
      output += text;
      if (!quiet) process.stdout.write(text.replace(/^(?=.)/gm, "  | "));
    };
    child.stdout!.setEncoding("utf8").on("data", take);
    child.stderr!.setEncoding("utf8").on("data", take);
    let ended = false;
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => (ended = true, resolve(code)));
    });
    closed.catch(() => ended = true);
    return {
      pid: child.pid ?? -1,
      until: async (what, holds) => {
        for (const end = Date.now() + 60_000; !holds(); await sleep(10)) {
          this.signal.throwIfAborted();
          if (ended) throw new Error(`it ended before ${what}`);
          if (Date.now() > end) throw new Error(`waited a minute in vain until ${what}`);
        }
      },
      stop: async (signal) => {
        // Deno says of a child stopped by `child.kill` that the signal ended it, whatever it exited with.
        if (!ended && child.pid !== undefined) process.kill(child.pid, signal);
        return { code: await closed, output };
      },
    };
  }

  /** Ends what still runs. */
  async stopAll(): Promise<void> {
    const children = [...this.#children];
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
  }

  /** The containers of the installation that lives in a home. */
  async engineContainers(engine: Endpoint | undefined, home: string): Promise<SeenContainer[]> {
    const file = join(home, "agent.json");
    if (engine === undefined || !existsSync(file)) return [];
    const label = `dev.flowctl.installation=${JSON.parse(readFileSync(file, "utf8")).installation}`;
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    type Listed = { Id: string; Names: string[]; Image: string; Status: string };
    return (await ask<Listed[]>(engine, `/containers/json?all=true&filters=${filters}`)).map((container) => ({
      id: container.Id,
      name: container.Names[0]?.slice(1) ?? "",
      image: container.Image,
      status: container.Status,
    }));
  }

  /** flowctl's default images: ids, with their names. */
  async engineImages(engine: Endpoint | undefined): Promise<Map<string, string>> {
    if (engine === undefined) return new Map();
    const images = await ask<{ Id: string; RepoTags: string[] | null }[]>(engine, "/images/json");
    return new Map(images.flatMap(({ Id, RepoTags }) => {
      const name = RepoTags?.find((tag) => tag.startsWith("flowctl/flowctl:"));
      return name === undefined ? [] : [[Id, name] as const];
    }));
  }

  /** Removes a container. */
  async removeContainer(engine: Endpoint | undefined, id: string): Promise<void> {
    if (engine !== undefined) await remove(engine, `/containers/${id}?force=true`);
  }

  /** Removes an image. */
  async removeImage(engine: Endpoint | undefined, name: string): Promise<void> {
    if (engine !== undefined) await remove(engine, `/images/${name}`);
  }
}
