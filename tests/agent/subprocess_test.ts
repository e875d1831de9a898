/**
 * What an agent makes of a run in a subprocess.
 *
 * @module
 */

import assert from "node:assert/strict";
import { hasEnded } from "../testing/processes.ts";
import { test } from "../testing/test.ts";
import { TestAgent, until } from "./agent_api.ts";

test("a subprocess runs in a folder of its own, with the run's id and socket, and without Bun's switches", async () => {
  const script = `pwd; echo "$FLOWCTL_FLOW_RUN_ID $FLOWCTL_ATTEMPT $FLOWCTL_API_URL $A [$BUN_BE_BUN]"; exit 6`;
  await using agent = new TestAgent({ command: ["sh", "-c", script], runners: ["subprocess"] }).start();
  const { run, lease } = agent.api.submit({ type: "subprocess", config: { env: { A: "b", BUN_BE_BUN: "1" } } });
  await agent.released(lease);
  const [folder, words] = agent.api.api.messages();
  assert.match(folder, /\/run\/[^/]+\/work$/);
  assert.match(words, new RegExp(`^${run.id} 1 unix:///.*/api\\.sock b \\[\\]$`));
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.match(agent.api.messageOf(run), /^Process ended with exit code 6\n/);
  assert.match(agent.printed[0], /\/run\/[^/]+\/work/);
});

test("cancelling a subprocess ends it and what it started", async () => {
  const script = "sleep 1000 & echo $!; trap 'exit 0' TERM; wait";
  await using agent = new TestAgent({ command: ["sh", "-c", script], runners: ["subprocess"] }).start();
  const { run, lease } = agent.api.submit({ type: "subprocess" });
  const [child] = await until("the child is known", () => agent.printed.length > 0 && agent.printed);
  await agent.api.cancel(run);
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CANCELLED");
  await until("the grandchild has ended", () => hasEnded(Number(child)));
});

test("a subprocess ends with its agent", async () => {
  const script = "echo up; exec sleep 1000";
  await using agent = new TestAgent({ command: ["sh", "-c", script], runners: ["subprocess"] }).start();
  const { run, lease } = agent.api.submit({ type: "subprocess" });
  await until("it is up", () => agent.printed.length > 0);
  await agent.stop();
  assert.ok(agent.api.released.has(lease.id));
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.match(agent.api.messageOf(run), /SIGTERM/);
});

test("a program that does not exist makes the run Failed", async () => {
  await using agent = new TestAgent({ command: ["/no/such/program"], runners: ["subprocess"] }).start();
  const { run, lease } = agent.api.submit({ type: "subprocess" });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "FAILED");
  assert.match(agent.api.messageOf(run), /no such program/);
});
