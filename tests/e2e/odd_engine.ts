/**
 * Servers that are no good engines: one that takes connections and never answers, and one that answers as it is told.
 *
 * @module
 */

import { createServer, type Server, type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";

/** Takes connections and never answers. */
export async function silentServer(): Promise<{ port: number; readonly connections: number } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket)).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What an odd engine says to a request; false leaves it to what an engine would say. */
export type Oddity = (path: string, response: ServerResponse) => boolean;

/** Answers pings and infos as a Docker Engine does, but for what the oddity answers. */
export class OddEngine {
  /** What was asked for, in order, without versions. */
  readonly asked: string[] = [];
  #server?: Server;
  #oddity: Oddity;

  constructor(oddity: Oddity = () => false) {
    this.#oddity = oddity;
  }

  /** Another oddity from now on; open connections are broken. */
  become(oddity: Oddity): void {
    this.#oddity = oddity;
    this.#server?.closeAllConnections();
  }

  async open(): Promise<this> {
    const server = this.#server = createServer((request, response) => {
      request.on("error", () => {}).resume();
      response.on("error", () => {});
      const path = (request.url ?? "").replace(/^\/v\d+\.\d+/, "").replace(/\?.*$/, "");
      this.asked.push(path);
      response.setHeader("api-version", "1.41");
      if (this.#oddity(path, response)) return;
      if (path === "/_ping") return void response.end("OK");
      if (path === "/events") return void response.flushHeaders();
      const answer = ANSWERS[path];
      response.statusCode = answer === undefined ? 404 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer ?? { message: "page not found" }));
    });
    server.on("clientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** As `DOCKER_HOST` wants it. */
  get address(): string {
    return `tcp://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

const ANSWERS: Record<string, unknown> = {
  "/version": { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux", Arch: "amd64" },
  "/info": {
    ID: "ODD",
    Name: "elsewhere",
    ServerVersion: "20.10.24",
    OSType: "linux",
    Architecture: "x86_64",
    OperatingSystem: "Odd",
    DockerRootDir: "/nowhere",
    SecurityOptions: [],
  },
  "/containers/json": [],
  "/images/json": [],
  "/volumes": { Volumes: null, Warnings: null },
  "/networks": [],
};
