/**
 * A way to the real Docker Engine that can be cut, held up, and made to fail: a socket in front of the engine's.
 *
 * What goes wrong here goes wrong for one test's agent only; the engine itself and everybody else on it notice nothing.
 *
 * @module
 */

import { rmSync } from "node:fs";
import net from "node:net";

/** See the module's comment. */
export class EngineProxy {
  /** Path of the socket that stands for the engine's. */
  readonly path: string;
  readonly #engine: string;
  readonly #pairs = new Set<{ client: net.Socket; engine: net.Socket }>();
  #server?: net.Server;
  #isHung = false;
  /** What is held back, in its order. */
  #held: (() => void)[] = [];
  #answer?: string;

  constructor(path: string, engine = "/var/run/docker.sock") {
    this.path = path;
    this.#engine = engine;
  }

  /** As `--base-url` and `DOCKER_HOST` want it. */
  get address(): string {
    return `unix://${this.path}`;
  }

  /** Lets requests through, as an engine that has started does. */
  async open(): Promise<void> {
    rmSync(this.path, { force: true });
    const server = this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#join(client));
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  /** Breaks every connection and takes no other, as an engine that ends does. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.dropConnections();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }

  /** Breaks every connection; the next one goes through. */
  dropConnections(): void {
    for (const { client, engine } of [...this.#pairs]) {
      client.destroy();
      engine.destroy();
    }
  }

  /** Nothing goes either way until {@link EngineProxy.goOn}; connections stay open and are taken. */
  hang(): void {
    this.#isHung = true;
  }

  /** Ends {@link EngineProxy.hang} and {@link EngineProxy.fail}. */
  goOn(): void {
    this.#isHung = false;
    this.#answer = undefined;
    for (const act of this.#held.splice(0)) act();
  }

  /** Breaks every connection, and answers each new one with status 500 until {@link EngineProxy.goOn}. */
  fail(): void {
    const body = '{"message":"made to fail"}';
    this.#answer = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\nconnection: close\r\n" +
      `content-length: ${body.length}\r\n\r\n${body}`;
    this.dropConnections();
  }

  #join(client: net.Socket): void {
    client.on("error", () => {});
    const answer = this.#answer;
    if (answer !== undefined) {
      client.once("data", () => client.end(answer));
      return;
    }
    const engine = net.connect({ path: this.#engine, allowHalfOpen: true });
    engine.on("error", () => client.destroy());
    const pair = { client, engine };
    this.#pairs.add(pair);
    const forget = () => this.#pairs.delete(pair);
    // By hand and not by pipe(): a paused stream is not held back in both runtimes alike.
    const orLater = (act: () => void) => this.#isHung ? void this.#held.push(act) : act();
    const carry = (from: net.Socket, to: net.Socket) => {
      from.on("data", (chunk) =>
        orLater(() => {
          if (to.write(chunk)) return;
          from.pause();
          to.once("drain", () => from.resume());
        }));
      from.on("end", () => orLater(() => to.end()));
      from.on("close", () => {
        to.destroy();
        forget();
      });
    };
    carry(client, engine);
    carry(engine, client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
  }
}
