/**
 * A container that is followed while its engine comes and goes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { DockerAttempt } from "../../src/runners/docker_attempt.ts";
import type { DockerWatch } from "../../src/runners/docker_watch.ts";
import { type Clock, systemClock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

test("the lines of a container that has ended are asked for with pauses while the engine refuses", async () => {
  const engine = createFakeEngine();
  const docker = new Docker({ fetch: engine.fetch });
  const container = await docker.createContainer({ Image: "busybox" });
  await container.start();
  engine.print(container.id, "hello");
  engine.die(container.id, { exitCode: 0 });
  // An engine that shuts down takes no connection any more, long before it ends its stream of events.
  engine.failNext(/logs$/, "refuse", { times: 20 });
  let pauses = 0;
  const clock: Clock = {
    ...systemClock,
    sleep(_ms, signal) {
      if (!signal?.aborted) pauses++;
      return Promise.resolve();
    },
  };
  const { signal } = new AbortController();
  const watch = { follow: () => () => {}, whenReady: () => Promise.resolve(), session: signal, signal };
  const attempt = new DockerAttempt({
    container,
    name: "x",
    labels: {},
    tty: false,
    watch: watch as unknown as DockerWatch,
    clock,
    log: silentLog,
  });
  await attempt.refresh();
  assert.equal((await attempt.exited).code, 0);
  const lines = await Array.fromAsync(attempt.lines);
  assert.deepEqual(lines.map(({ text }) => text), ["hello"]);
  assert.ok(pauses >= 20, `${pauses} pauses`);
});
