/**
 * A run that does not heed its signal is killed when the grace of 30 seconds is over.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dockerFlow, until, World } from "../e2e/support.ts";
import { needsEngine, test } from "../testing/test.ts";

// It keeps the event loop busy, so that not even the engine inside hears the signal.
const STUBBORN = `  console.log("up");\n  for (;;) {}`;

for (const runner of ["DockerFlowRunner", "SubprocessFlowRunner"]) {
  test(`a flow of the ${runner} that goes on after SIGTERM is killed after 30 seconds and Cancelled`, async () => {
    if (runner.startsWith("Docker")) needsEngine();
    await using world = new World();
    world.file("stubborn.ts", dockerFlow("stubborn", STUBBORN).replaceAll("DockerFlowRunner", runner));
    await world.ok(["deployment", "create", "stubborn.ts"]);
    const server = await world.server();
    const run = await world.createRun("stubborn/d");
    await server.prints(/\| up/);
    const since = performance.now();
    await world.ok(["flow-run", "cancel", run.id]);
    const done = await world.finished(server.url, run.id, 60_000).catch((error) => {
      throw new Error(`${error.message}\n${server.output()}`);
    });
    const seconds = (performance.now() - since) / 1000;
    assert.equal(done.state_type, "CANCELLED", done.state?.message ?? "");
    assert.ok(seconds >= 29, `it ended after ${seconds} s`);
    await until(
      "the container has ended",
      async () => (await world.containers(run.id)).every((container) => container.State === "exited"),
    );
  });
}
