import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "../testing/test.ts";
import { Browser } from "./browser.ts";
import { World } from "./support.ts";

/** Between browser and server: counts the event streams, and can stop to pass anything on. */
class Wire implements AsyncDisposable {
  streams = 0;
  #open = new Set<Socket>();
  #server = createServer((inner) => {
    const outer = connect(this.port, "127.0.0.1");
    for (const socket of [inner, outer]) {
      this.#open.add(socket);
      socket.on("error", () => {}).on("close", () => this.#open.delete(socket));
    }
    inner.on("data", (data) => {
      if (data.includes("GET /api/events ")) this.streams++;
      outer.write(data);
    }).on("close", () => outer.destroy());
    outer.on("data", (data) => inner.write(data)).on("close", () => inner.destroy());
  });

  constructor(readonly port: number) {}

  static async before(url: string): Promise<Wire> {
    const wire = new Wire(Number(new URL(url).port));
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test("eight pages of one browser share one event stream, and all of them are live", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using wire = await Wire.before(server.url);
  await using browser = await Browser.start();
  const first = await browser.open(`${wire.url}/runs`);
  const pages = [first];
  for (let n = 1; n < 8; n++) pages.push(await browser.openBeside(first, `${wire.url}/runs`));
  for (const page of pages) await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id });
  for (const page of pages) {
    // A browser draws what nobody sees when it comes to the front.
    await page.bringToFront();
    await page.getByRole("link", { name: run.name }).first().waitFor();
  }
  assert.equal(wire.streams, 1);
  // When the page that was first is closed the others go on.
  await first.close();
  const other = await client.flowRuns.create({ flow_id: flow.id });
  await pages[1].bringToFront();
  await pages[1].getByRole("link", { name: other.name }).first().waitFor();
  assert.equal(wire.streams, 1);
});

test("a browser without shared workers is live all the same", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using wire = await Wire.before(server.url);
  await using browser = await Browser.start();
  const page = await browser.open(`${wire.url}/api/hello`, { expected: /favicon|404/ });
  await page.context().addInitScript(() => delete (globalThis as { SharedWorker?: unknown }).SharedWorker);
  await page.goto(`${wire.url}/runs`);
  await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id });
  await page.getByRole("link", { name: run.name }).first().waitFor();
  assert.equal(wire.streams, 1);
});
