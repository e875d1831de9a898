/**
 * Sees to it that a Docker Engine answers: the one that runs, else an installed one, else Debian's package.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./command.ts";
import { startDockerd } from "./dockerd.ts";
import { DEFAULT_HOST, type Endpoint, engineHost, parseHost, ping } from "./engine_api.ts";

/** What {@link ensureEngine} came to. */
export interface Engine {
  /** Whether an engine answers now. */
  answers: boolean;
  /** One sentence: what was found or started, or what to do so that an engine answers. */
  says: string;
  /** The engine's address, for {@link ping} and the like; undefined when none answers or it is not plainly reachable. */
  endpoint?: Endpoint;
  /** Stops what was started here, and nothing else. */
  stop(): Promise<void>;
}

/** How to go about it. */
export interface EnsureOptions {
  /** Ask before installing when a person is at the terminal. */
  ask?: boolean;
  /** Told what is being done, for what takes long. */
  tell?: (line: string) => void;
}

const leaveIt = (): Promise<void> => Promise.resolve();

/** Finds, starts or installs a Docker Engine. It never throws: what cannot be done is said in {@link Engine.says}. */
export async function ensureEngine({ ask = true, tell = () => {} }: EnsureOptions = {}): Promise<Engine> {
  const host = engineHost();
  const endpoint = parseHost(host);
  const missing = (says: string): Engine => ({ answers: false, says, stop: leaveIt });
  if (endpoint && await ping(endpoint)) {
    return { answers: true, says: `A Docker Engine answers at ${host}`, endpoint, stop: leaveIt };
  }
  if (!endpoint || host !== DEFAULT_HOST) {
    return missing(`No Docker Engine answers at "${host}": start it, or unset DOCKER_HOST to use this machine's`);
  }
  if (process.platform !== "linux") {
    return missing(`No Docker Engine answers at "${host}": start Docker Desktop`);
  }
  const isRoot = process.getuid?.() === 0;
  if (!isInstalled("dockerd")) {
    if (!isRoot || !existsSync("/etc/debian_version") || !isInstalled("apt-get")) {
      return missing(
        `No Docker Engine is installed: install one, for example as root with "apt-get install docker.io"`,
      );
    }
    if (ask && !await agrees("No Docker Engine is installed. Install Debian's package docker.io now?")) {
      return missing(`No Docker Engine is installed: install it with "apt-get install docker.io"`);
    }
    tell("Installing docker.io with apt-get");
    const problem = await installPackage();
    if (problem) return missing(problem);
  }
  if (await ping(endpoint)) {
    return { answers: true, says: `A Docker Engine answers at ${host}, newly installed`, endpoint, stop: leaveIt };
  }
  if (!isRoot) {
    return missing(
      `No Docker Engine answers at "${host}": start it as root, for example with "systemctl start docker"`,
    );
  }
  tell("Starting the Docker Engine");
  return await start(host, endpoint);
}

async function start(host: string, endpoint: Endpoint): Promise<Engine> {
  if (existsSync("/run/systemd/system")) {
    const { code } = await run("systemctl", ["start", "docker"], { timeoutMs: 90_000 });
    if (code === 0 && await answersWithin(endpoint, 30_000)) {
      const stop = async () => void await run("systemctl", ["stop", "docker.socket", "docker"], { timeoutMs: 90_000 });
      return { answers: true, says: "The Docker Engine was started by systemd", endpoint, stop };
    }
  }
  // Without systemd dockerd itself: an init script tells nothing when it fails.
  try {
    const dockerd = await startDockerd({ endpoint });
    return { answers: true, says: `A Docker Engine was started at ${host}`, endpoint, stop: dockerd.stop };
  } catch (error) {
    return { answers: false, says: (error as Error).message, stop: leaveIt };
  }
}

async function answersWithin(endpoint: Endpoint, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(200)) if (await ping(endpoint)) return true;
  return false;
}

/** Answers a sentence when it fails. */
async function installPackage(): Promise<string | undefined> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, timeoutMs: 10 * 60_000 };
  const update = await run("apt-get", ["update"], options);
  const install = await run("apt-get", ["install", "-y", "--no-install-recommends", "docker.io"], options);
  if (install.code === 0 && isInstalled("dockerd")) return undefined;
  const errors = (install.output + update.output).split("\n").filter((line) => /^[EW]: /.test(line));
  return `Cannot install docker.io with apt-get: ${errors[0]?.slice(3) ?? install.output.trim().split("\n").at(-1)}`;
}

/** No terminal, or CI: nobody is there to ask, and the answer is yes. */
async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || process.env.CI) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y(es)?)?$/i.test((await prompt.question(`${question} [Y/n] `)).trim());
  } finally {
    prompt.close();
  }
}

/** Whether a program is on the PATH, or where Debian keeps what is root's. */
function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}
