/**
 * Servers that are no good engines: one that takes connections and never answers, and the real one with oddities.
 *
 * @module
 */

import { type ClientRequest, createServer, request as askEngine, type Server, type ServerResponse } from "node:http";
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

/** What an odd engine says to a request (path without version and query); false leaves it to the real engine. */
export type Oddity = (path: string, response: ServerResponse) => boolean;

/** The real engine behind a port of loopback, but for what the oddity answers. */
export class OddEngine {
  /** What was asked for, in order: `POST /containers/create`. */
  readonly asked: string[] = [];
  readonly #forwarded = new Set<ClientRequest>();
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
      request.on("error", () => {});
      response.on("error", () => {});
      const path = (request.url ?? "").replace(/^\/v\d+\.\d+/, "").replace(/\?.*$/, "");
      this.asked.push(`${request.method} ${path}`);
      if (this.#oddity(path, response)) return void request.resume();
      const { method, url: path_, headers } = request;
      const options = { socketPath: "/var/run/docker.sock", method, path: path_, headers };
      const forwarded = askEngine(options, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        response.flushHeaders();
        answer.on("error", () => response.destroy()).pipe(response);
      });
      this.#forwarded.add(forwarded);
      forwarded.on("error", () => response.destroy()).on("close", () => this.#forwarded.delete(forwarded));
      response.on("close", () => forwarded.destroy());
      request.pipe(forwarded);
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
    for (const forwarded of this.#forwarded) forwarded.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}
