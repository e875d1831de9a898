/**
 * Cancelling works end to end: waiting runs at once, running ones by signal.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { dockerFlow, until, World } from "./support.ts";

const waits = (name: string) =>
  dockerFlow(
    name,
    `  console.log("up");
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  console.log("told to stop");
  throw new Error("stopped");`,
  );

test("a waiting run is cancelled at once, and nothing is created", async () => {
  await using world = new World();
  world.file("waits.ts", waits("waits"));
  await world.ok(["deployment", "create", "./waits.ts"]);
  const server = await world.server(["--no-agent"]);
  const run = await world.createRun("waits/d");
  await world.ok(["flow-run", "cancel", run.id]);
  assert.equal((await world.client(server.url).flowRuns.read(run.id)).state_type, "CANCELLED");
  assert.equal((await world.containers(run.id)).length, 0);
});

test("a running run hears an AbortSignal, ends, and is Cancelled", async () => {
  await using world = new World();
  world.file("waits.ts", waits("waits"));
  await world.ok(["deployment", "create", "./waits.ts"]);
  const server = await world.server();
  const run = await world.createRun("waits/d");
  await until("the flow is up", async () => (await world.messages(server.url, run.id)).includes("up"));
  await world.ok(["flow-run", "cancel", run.name]);
  const done = await world.finished(server.url, run.id, 20_000);
  assert.equal(done.state_type, "CANCELLED");
  assert.ok((await world.messages(server.url, run.id)).includes("told to stop"));
  await until(
    "the container has ended",
    async () => (await world.containers(run.id)).every((c) => c.State === "exited"),
  );
});
