/**
 * An engine of another version on a socket: it answers as recorded, and runs containers as processes of this machine.
 *
 * What a newer Docker answers otherwise than 20.10 stands in the fixtures, and here, where it is about requests: it refuses API
 * versions below its least and above its own, takes several networks at the creation, and words its refusals and its progress anew.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { compareVersions } from "../../src/docker/transport.ts";
import type { RecordedEngine } from "../docker/fixtures/engines.ts";
import { createFakeEngine, type FakeContainer, type FakeEngine } from "../testing/fake_engine.ts";
import { BINARY } from "./support.ts";

/** See the module's comment. */
export class RecordedEngineServer {
  readonly fake: FakeEngine;
  /** Method and path of everything that was asked, versions included. */
  readonly asked: string[] = [];
  readonly #engine: RecordedEngine;
  readonly #path: string;
  readonly #children = new Map<string, ChildProcess>();
  #server?: Server;

  constructor(engine: RecordedEngine, folder: string) {
    this.#engine = engine;
    this.#path = join(folder, "engine.sock");
    this.fake = createFakeEngine({
      apiVersion: engine.chosen,
      images: [],
      pullable: ["example.test/app:1"],
      onStart: (container) => this.#run(container),
    });
  }

  /** As `DOCKER_HOST` wants it. */
  get address(): string {
    return `unix://${this.#path}`;
  }

  async open(): Promise<this> {
    this.#server = createServer(async (request, response) => {
      request.on("error", () => {});
      response.on("error", () => {});
      this.asked.push(`${request.method} ${request.url}`);
      const chunks: Uint8Array[] = [];
      const given = new AbortController();
      response.on("close", () => given.abort());
      try {
        for await (const chunk of request) chunks.push(chunk);
        const answer = await this.#answer(
          request.method!,
          request.url!,
          request.headers as never,
          chunks,
          given.signal,
        );
        response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...this.#engine.headers });
        response.flushHeaders();
        if (answer.body !== null) { for await (const chunk of answer.body) response.write(chunk); }
        response.end();
      } catch {
        response.destroy();
      }
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.#path, resolve));
    return this;
  }

  async #answer(
    method: string,
    url: string,
    headers: Record<string, string>,
    chunks: Uint8Array[],
    signal: AbortSignal,
  ): Promise<Response> {
    const { version, info, image, event } = this.#engine;
    const { ApiVersion, MinAPIVersion } = version as { ApiVersion: string; MinAPIVersion: string };
    const [, asked, path] = /^(?:\/v(\d+\.\d+))?(\/[^?]*)/.exec(url)!;
    if (asked !== undefined) {
      const refuse = (message: string) => Response.json({ message }, { status: 400 });
      if (compareVersions(asked, ApiVersion) > 0) {
        return refuse(`client version ${asked} is too new. Maximum supported API version is ${ApiVersion}`);
      }
      if (compareVersions(asked, MinAPIVersion) < 0) {
        return refuse(
          `client version ${asked} is too old. Minimum supported API version is ${MinAPIVersion}, please upgrade your client to a newer version`,
        );
      }
    }
    if (path === "/version") return Response.json(version);
    // The engine is on this machine, so it goes by its name.
    if (path === "/info") return Response.json({ ...info, Name: hostname(), InitBinary: "docker-init" });
    const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
    const answer = await this.fake.fetch(`http://localhost${url}`, { method, headers, body, signal });
    if (path === "/events") return new Response(answer.body?.pipeThrough(eventsLike(event)), answer);
    const isJson = answer.headers.get("content-type")?.startsWith("application/json") ?? false;
    if (!isJson) return answer;
    let said = await answer.json();
    if (/^\/images\/.+\/json$/.test(path) && answer.ok) {
      // Of the recorded image what it has beside; empty fields of its configuration are not there.
      const { Labels } = said.Config;
      const Config = {
        ...(image.Config as object),
        Env: undefined,
        ...Object.keys(Labels ?? {}).length > 0 ? { Labels } : {},
      };
      said = { ...image, ...said, Config };
    }
    if (path === "/containers/create" && answer.ok) {
      said.Warnings = ["Published ports are discarded when using host network mode"];
    }
    // Its images are containerd's, which has words of its own.
    if (ApiVersion === "1.52" && typeof said.message === "string") {
      said.message = said.message.replace(
        /^manifest for (\S+) not found: .*$/,
        'failed to resolve reference "$1": $1: not found',
      );
    }
    return Response.json(said, { status: answer.status });
  }

  /** Runs what the container would, with the host's path for what is mounted. */
  #run(container: FakeContainer): void {
    const { Env = [], Cmd = [], HostConfig } = container.options;
    const run = HostConfig?.Mounts?.find(({ Target }) => Target === "/.flowctl-run")?.Source ?? "";
    const env = Object.fromEntries(Env.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)]));
    for (const name of Object.keys(env)) env[name] = env[name].replaceAll("/.flowctl-run", run);
    const child = spawn(BINARY, Cmd, { env: { PATH: process.env.PATH!, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#children.set(container.id, child);
    for (const stream of ["stdout", "stderr"] as const) {
      let rest = "";
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        for (const line of lines) this.fake.print(container.id, line, { stream });
      });
    }
    child.on("close", (code) => {
      this.#children.delete(container.id);
      if (container.status === "running") this.fake.die(container.id, { exitCode: code ?? 137 });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.values()) child.kill("SIGKILL");
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

/** Since 1.52 events lose what they said twice. */
function eventsLike(recorded: Record<string, unknown>): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder(), encoder = new TextEncoder();
  return new TransformStream({
    transform(chunk, controller) {
      for (const line of decoder.decode(chunk).split("\n").filter((line) => line !== "")) {
        const event = JSON.parse(line);
        for (const name of ["status", "id", "from"]) if (!(name in recorded)) delete event[name];
        controller.enqueue(encoder.encode(JSON.stringify(event) + "\n"));
      }
    },
  });
}
