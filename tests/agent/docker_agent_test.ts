/**
 * An agent's looks at the API, its own address, and what it does while engine or API is away.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseAgentAddress } from "../../src/agent/agent_address.ts";
import { test } from "../testing/test.ts";
import { TestAgent, until } from "./agent_api.ts";

const DOCKER = { type: "docker" as const, config: {} };

test("an agent's address is HOST:PORT, also as Prefect writes it", () => {
  for (
    const [text, hostname, port] of [
      ["localhost:8080", "localhost", 8080],
      ["http://localhost:8080", "localhost", 8080],
      ["[::1]:0", "::1", 0],
      [":8081", "127.0.0.1", 8081],
    ] as const
  ) assert.deepEqual(parseAgentAddress(text), { hostname, port }, text);
  for (const text of ["localhost", "http://localhost", "a:b", "a:70000", "https://a:1", "::1:80"]) {
    assert.throws(() => parseAgentAddress(text), /is not HOST:PORT/, text);
  }
});

test("trap 27: health is false with 503 while the engine or the API is away, and true again", async () => {
  await using agent = new TestAgent({ address: true }).start();
  const base = await agent.address();
  const health = async () => {
    const answer = await fetch(`${base}/health`);
    return [answer.status, await answer.json()];
  };
  const becomes = (status: number) => until(`health is ${status}`, async () => (await health())[0] === status);
  await becomes(200);
  assert.deepEqual(await health(), [200, true]);
  agent.engine.setDown(true);
  await becomes(503);
  assert.deepEqual(await health(), [503, false]);
  agent.engine.setDown(false);
  await becomes(200);
  agent.api.isDown = true;
  await becomes(503);
  agent.api.isDown = false;
  await becomes(200);
  const other = await fetch(`${base}/else`);
  assert.deepEqual([other.status, (await other.json()).detail], [404, "Not Found"]);
});

test("a poke looks for runs at once", async () => {
  await using agent = new TestAgent({ address: true }).start();
  const base = await agent.address();
  await until("a claim is open", () => agent.api.claims.some(({ runners }) => runners?.includes("docker")));
  const before = agent.api.claims.length;
  const answer = await fetch(`${base}/poke`);
  assert.deepEqual([answer.status, await answer.json()], [200, {}]);
  await until("there was another look", () => agent.api.claims.length > before);
});

test("trap 26: while the engine is away the agent pauses, says so, and goes on when it is back", async () => {
  await using agent = new TestAgent().start();
  await until("it looks for Docker runs", () => agent.api.claims.some(({ runners }) => runners?.includes("docker")));
  agent.engine.setDown(true);
  await until(
    "it says that it pauses",
    () => agent.says.some((line) => /Taking Docker runs is paused until it/.test(line)),
  );
  await until("it asks for no Docker runs", () => !agent.api.claims.at(-1)!.runners?.includes("docker"));
  const { lease } = agent.api.submit(DOCKER);
  agent.engine.setDown(false);
  const container = await agent.running();
  assert.ok(agent.says.some((line) => /answers: Docker runs are taken$/.test(line)), agent.lines.join("\n"));
  agent.engine.die(container.id);
  await agent.released(lease);
});

test("trap 4: an API that is down is told at once, with what is tried again", async () => {
  await using agent = new TestAgent();
  agent.api.isDown = true;
  agent.start();
  await until(
    "it was said",
    () =>
      agent.says.some((line) =>
        line ===
          'Cannot reach the API at "http://fake/api": no answer. Trying again to make this agent known, until it answers'
      ),
  );
});

test("after its last look an agent sees its runs through and ends by itself", async () => {
  await using agent = new TestAgent({ maxPolls: 1 });
  const { run, lease } = agent.api.submit(DOCKER);
  agent.start();
  const container = await agent.running();
  agent.api.submit(DOCKER, { name: "too-late" });
  agent.engine.print(container.id, "the last line");
  agent.engine.die(container.id, { exitCode: 3 });
  await agent.released(lease);
  await agent.ended;
  assert.equal(agent.api.stateOf(run), "CRASHED");
  assert.ok(agent.printed.includes("the last line"));
  assert.deepEqual([...agent.engine.containers.values()].map(({ name }) => name), ["heavy-parakeet"]);
});

test("with --show-flow-logs two runs' lines bear their names", async () => {
  await using agent = new TestAgent({ showFlowLogs: true }).start();
  agent.api.submit({ type: "docker", config: { stream_output: false } });
  const first = await agent.running();
  agent.engine.print(first.id, "alone");
  await until("the line is shown", () => agent.printed.length === 1);
  agent.api.submit(DOCKER, { name: "wily-mackerel" });
  const second = await agent.running("wily-mackerel");
  agent.engine.print(second.id, "from the second");
  await until("its line is shown", () => agent.printed.length === 2);
  agent.engine.print(first.id, "from the first");
  await until("three lines are shown", () => agent.printed.length === 3);
  const shape = String.raw`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000\] INFO - flowctl\.container \| `;
  assert.match(agent.printed[0], new RegExp(`^${shape}alone$`));
  assert.match(agent.printed[1], new RegExp(`^wily-mackerel \\| ${shape}from the second$`));
  assert.match(agent.printed[2], new RegExp(`^heavy-parakeet \\| ${shape}from the first$`));
  for (const { id } of [first, second]) agent.engine.die(id);
});
