/**
 * A real registry with a password, on a free port of this machine, and a way to it that can slow down or damage a layer.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip } from "../testing/test.ts";
import { until } from "./support.ts";

const BUSYBOX = "/bin/busybox";
const PROGRAM = "/usr/bin/docker-registry";

/** Who may pull and push. */
export const LOGIN = { username: "flows", password: "open-sesame" };
/** bcrypt of the password, as `htpasswd -B` writes it: the only kind that the registry takes. */
const HTPASSWD = `${LOGIN.username}:$2b$04$HbPUomY/DvWic9e6HW4VZOxzgwz6F34BfqV4H7Nc7a75NzmLcRfWO\n`;

/** What a login looks like in `~/.docker/config.json`. */
export const dockerConfig = (host: string, { username, password } = LOGIN): string =>
  JSON.stringify({ auths: { [host]: { auth: btoa(`${username}:${password}`) } } });

/** See the module's comment. */
export class Registry {
  /** `127.0.0.1:PORT`, as images' names begin. */
  readonly host: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #images: string[] = [];

  private constructor(port: number, folder: string) {
    this.host = `127.0.0.1:${port}`;
    this.#folder = folder;
    const passwords = join(folder, "htpasswd"), config = join(folder, "config.yml");
    writeFileSync(passwords, HTPASSWD);
    writeFileSync(
      config,
      `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${JSON.stringify(join(folder, "data"))} } }
http: { addr: ${JSON.stringify(this.host)} }
auth: { htpasswd: { realm: flowctl-test, path: ${JSON.stringify(passwords)} } }
`,
    );
    this.#child = spawn(PROGRAM, ["serve", config], { stdio: "ignore", env: process.env });
  }

  /** Starts one; skips the test where that can't be. */
  static async start(): Promise<Registry> {
    needsEngine();
    if (process.env.DOCKER_HOST && !process.env.DOCKER_HOST.startsWith("unix:")) {
      skip("The engine is on another machine and does not reach a registry on this one's loopback");
    }
    for (const [program, name] of [[BUSYBOX, "busybox-static"], [PROGRAM, "docker-registry"]]) {
      if (!existsSync(program)) skip(`There is no ${program}: install Debian's package ${name}`);
    }
    const registry = new Registry(await freePort(), mkdtempSync(join(tmpdir(), "flowctl-registry-")));
    try {
      await until("the registry answers", async () => {
        const answer = await fetch(`http://${registry.host}/v2/`).catch(() => undefined);
        await answer?.body?.cancel();
        return answer?.status === 401;
      });
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
    return registry;
  }

  /** Pushes an image of busybox and so many random bytes; the engine keeps nothing of it. Answers its name without the host. */
  async push(bytes = 100_000): Promise<string> {
    const docker = await openDocker({ env: process.env });
    try {
      const name = `team/app-${crypto.randomUUID().slice(0, 8)}`, tag = "1";
      const files = [
        { path: "bin", type: "directory" as const },
        { path: "bin/busybox", file: BUSYBOX, mode: 0o755 },
        // So that no engine has this layer already.
        { path: "noise", content: randomBytes(bytes) },
      ];
      const repo = `${this.host}/${name}`;
      this.#images.push(`${repo}:${tag}`);
      const changes = ["LABEL dev.flowctl.test=1"];
      await followProgress(docker.importImage(tarOf(files), { repo, tag, changes }));
      const image = docker.getImage(`${repo}:${tag}`);
      await followProgress(image.push({ authconfig: { ...LOGIN, serveraddress: this.host } }));
      await image.remove({ force: true });
      return `${name}:${tag}`;
    } finally {
      docker.close();
    }
  }

  /** Removes what was pulled from a host. */
  async removeImages(host: string = this.host): Promise<void> {
    const docker = await openDocker({ env: process.env });
    try {
      for (const image of this.#images) {
        await docker.getImage(image.replace(this.host, host)).remove({ force: true }).catch(() => {});
      }
    } finally {
      docker.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.removeImages();
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * What happens to layers on their way: they come so slowly that nobody sees their end, or a bit in the middle is another one. Not
 * `stall`: an engine that reads a silent connection notices nothing, not even that nobody wants the image any more.
 */
export type Fault = "slow" | "damage";

/** A way to a registry under a name of its own. */
export class RegistryProxy {
  readonly #registry: Registry;
  readonly #server: http.Server;
  readonly #slow = new Set<http.ServerResponse>();
  readonly #fault: Fault;
  /** `127.0.0.1:PORT` once it listens. */
  host = "";

  private constructor(registry: Registry, fault: Fault) {
    this.#registry = registry;
    this.#fault = fault;
    this.#server = http.createServer((request, response) => void this.#pass(request, response));
  }

  static async start(registry: Registry, fault: Fault): Promise<RegistryProxy> {
    const proxy = new RegistryProxy(registry, fault);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    proxy.host = `127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  /** How many layers are on their slow way, and still wanted by the engine. */
  get slow(): number {
    return this.#slow.size;
  }

  async #pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on("error", () => {});
    const headers = new Headers();
    for (const name of ["authorization", "accept"]) {
      const value = request.headers[name];
      if (typeof value === "string") headers.set(name, value);
    }
    const answer = await fetch(`http://${this.#registry.host}${request.url}`, {
      method: request.method,
      headers,
    });
    const body = new Uint8Array(await answer.arrayBuffer());
    const kept = ["content-type", "content-length", "docker-content-digest", "www-authenticate", "etag"];
    const pairs = [...answer.headers].filter(([name]) => kept.includes(name) || name.startsWith("docker-"));
    response.writeHead(answer.status, Object.fromEntries(pairs));
    const isLayer = request.method === "GET" && request.url!.includes("/blobs/") && body.length > 50_000;
    if (isLayer && this.#fault === "slow") {
      this.#slow.add(response);
      let at = 0;
      const timer = setInterval(() => void response.write(body.subarray(at, at += 10)), 50);
      response.on("close", () => {
        clearInterval(timer);
        this.#slow.delete(response);
      });
      return;
    }
    if (isLayer && this.#fault === "damage") body[body.length >> 1] ^= 1;
    response.end(request.method === "HEAD" ? undefined : body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await this.#registry.removeImages(this.host);
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
