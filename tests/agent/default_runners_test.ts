/**
 * The runners that the commands start an agent with.
 *
 * @module
 */

import assert from "node:assert/strict";
import { defaultRunners } from "../../src/agent/default_runners.ts";
import { openDocker } from "../../src/docker/client.ts";
import { test } from "../testing/test.ts";

test("an agent has runners for Docker and subprocesses, and nothing is connected to yet", async () => {
  const docker = await openDocker({ baseUrl: "unix:///no/such.sock" });
  const runners = defaultRunners({ docker, env: {}, allow: ["privileged"] });
  assert.deepEqual(runners.map(({ type, isReady }) => [type, isReady]), [["docker", false], ["subprocess", true]]);
});

test("an unknown --allow is an error that lists the known ones", async () => {
  const docker = await openDocker({ baseUrl: "unix:///no/such.sock" });
  assert.throws(
    () => defaultRunners({ docker, env: {}, allow: ["everything"] }),
    (error: Error & { hint?: string }) => /"everything"/.test(error.message) && /privileged, devices/.test(error.hint!),
  );
});
