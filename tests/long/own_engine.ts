/**
 * A second, real Docker Engine for one test: restarted, killed and filled up as one likes.
 *
 * It lives in a network namespace of its own, because an engine takes the bridges of its namespace for its own and removes those
 * of another one. Its files lie in one folder.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import { until } from "../e2e/support.ts";
import { skip } from "../testing/test.ts";

/** See the module's comment. */
export class OwnEngine {
  readonly folder = mkdtempSync(join(tmpdir(), "flowctl-dockerd-"));
  readonly #namespace = `flowctl-${crypto.randomUUID().slice(0, 8)}`;
  readonly #more: string[];
  readonly #diskMegabytes?: number;
  #said = "";
  #child?: ChildProcess;
  #ended: Promise<void> = Promise.resolve();
  #docker?: Docker;

  private constructor(more: string[], diskMegabytes?: number) {
    this.#more = more;
    this.#diskMegabytes = diskMegabytes;
  }

  /** Starts one, or skips the test. @param diskMegabytes How large the disk of its data is; by default that of the machine. */
  static async start(options: { args?: string[]; diskMegabytes?: number } = {}): Promise<OwnEngine> {
    if (process.getuid?.() !== 0) skip("Only root can start an engine");
    for (const program of ["dockerd", "ip", "nsenter"]) {
      if (spawnSync(program, ["--help"]).error !== undefined) skip(`There is no ${program}`);
    }
    const engine = new OwnEngine(options.args ?? [], options.diskMegabytes);
    try {
      if (spawnSync("ip", ["netns", "add", engine.#namespace]).status !== 0) skip("No network namespace can be made");
      spawnSync("ip", ["netns", "exec", engine.#namespace, "ip", "link", "set", "lo", "up"]);
      mkdirSync(engine.dataRoot);
      if (options.diskMegabytes !== undefined && !engine.#mount(`size=${options.diskMegabytes}m`)) {
        skip("Nothing can be mounted");
      }
      await engine.run();
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where its images and containers lie. */
  get dataRoot(): string {
    return join(this.folder, "data");
  }

  /** As `DOCKER_HOST` wants it. */
  get address(): string {
    return `unix://${this.folder}/d.sock`;
  }

  /** A client of it. */
  get docker(): Docker {
    return this.#docker!;
  }

  /** Another size of its disk. */
  resize(megabytes: number): void {
    this.#mount(`remount,size=${megabytes}m`);
  }

  #mount(options: string): boolean {
    return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", this.dataRoot]).status === 0;
  }

  /** Starts it (again) and waits until it answers. */
  async run(): Promise<void> {
    const { folder } = this;
    const child = this.#child = spawn("nsenter", [
      `--net=/run/netns/${this.#namespace}`,
      "dockerd",
      "--host",
      this.address,
      "--data-root",
      this.dataRoot,
      "--exec-root",
      join(folder, "exec"),
      "--pidfile",
      join(folder, "dockerd.pid"),
      ...this.#more,
    ], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr!.setEncoding("utf8").on("data", (text) => this.#said = (this.#said + text).slice(-20_000));
    let hasEnded = false;
    this.#ended = new Promise((resolve) => child.once("close", () => (hasEnded = true, resolve())));
    this.#docker ??= await openDocker({ baseUrl: this.address, env: {} });
    await until("the engine answers", () => {
      if (hasEnded) throw new Error(`The engine ended:\n${this.#said}`);
      return existsSync(join(folder, "d.sock")) && this.docker.ping().then(() => true, () => false);
    }, 60_000);
  }

  /** Ends it, by SIGTERM in good order; by SIGKILL as when its machine's memory is full. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    // nsenter becomes what it starts.
    if (this.#child?.exitCode === null && this.#child.signalCode === null) process.kill(this.#child.pid!, signal);
    // An engine that finds the containerd of another one does not start.
    if (signal === "SIGKILL") {
      this.#killAll(`${this.folder}/exec/containerd/containerd.toml`);
      rmSync(join(this.folder, "exec/containerd/containerd.pid"), { force: true });
    }
    await this.#ended;
  }

  /** Processes of this engine are known by its folder in their command line. */
  #killAll(text: string): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)) process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isUp = await this.#docker?.ping().then(() => true, () => false);
    if (isUp) {
      for (const { Id } of await this.docker.listContainers({ all: true })) {
        await this.docker.getContainer(Id).remove({ force: true, v: true }).catch(() => {});
      }
    }
    this.#docker?.close();
    await this.end();
    // What holds its containers may still be there.
    this.#killAll(`${this.folder}/exec`);
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n").map((line) => line.split(" ")[1] ?? "");
    for (const path of mounts.filter((path) => path.startsWith(`${this.folder}/`)).reverse()) {
      spawnSync("umount", ["-l", path]);
    }
    spawnSync("ip", ["netns", "delete", this.#namespace]);
    await until("its files can be removed", () => {
      rmSync(this.folder, { recursive: true, force: true });
      return true;
    });
  }
}
