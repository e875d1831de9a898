/**
 * What an agent tells of the containers and processes that it starts, and of their ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { digestOf } from "../../src/runners/docker_attempt.ts";
import type { Clock } from "../../src/support/clock.ts";
import { test } from "../testing/test.ts";
import { TestAgent, until } from "./agent_api.ts";

const DOCKER = { type: "docker" as const, config: {} };

/** A clock whose heartbeats come when the test says so. */
function beatenClock() {
  const ticks: (() => void)[] = [];
  const clock: Clock = {
    now: () => Temporal.Now.instant(),
    sleep: (ms, signal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = ms < 5000 ? setTimeout(resolve, 1) : undefined;
        if (ms === 10_000) ticks.push(resolve);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      }),
  };
  return { clock, ticks };
}

test("an agent tells of its container all that the engine knows, and how it ended", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  const holder = await until("the container was described", () => {
    const told = agent.api.holders.get(lease.id);
    return told?.image_id === undefined ? undefined : told;
  });
  assert.deepEqual([holder.kind, holder.name, holder.container_id, holder.image], [
    "container",
    "heavy-parakeet",
    container.id,
    container.options.Image,
  ]);
  assert.deepEqual([holder.networks, holder.engine_id], [container.networks, "FAKE"]);
  assert.equal(holder.started, container.startedAt);
  agent.engine.die(container.id, { exitCode: 3 });
  await agent.released(lease);
  assert.deepEqual(agent.api.ended.get(lease.id), { exit_code: 3, oom_killed: false, ended: container.finishedAt });
});

test("a container that ran out of memory is told as such, before its lease is given back", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  let wasTold: boolean | undefined;
  const isReleased = agent.api.released.add.bind(agent.api.released);
  agent.api.released.add = (id) => {
    wasTold ??= agent.api.ended.has(lease.id);
    return isReleased(id);
  };
  agent.engine.die(container.id, { oom: true });
  await agent.released(lease);
  const { exit_code, oom_killed } = agent.api.ended.get(lease.id)!;
  assert.deepEqual([exit_code, oom_killed, wasTold], [137, true, true]);
});

test("a container that is gone is told to have ended, nobody knows how", async () => {
  await using agent = new TestAgent().start();
  const { lease } = agent.api.submit(DOCKER);
  const container = await agent.running();
  await until("the lease is started", () => agent.api.leases.get(lease.id)?.started);
  agent.engine.containers.delete(container.id);
  agent.engine.emit("container", "destroy", container.id, container.options.Labels!);
  await agent.released(lease);
  assert.deepEqual(agent.api.ended.get(lease.id), { exit_code: null, oom_killed: false, reason: "it was removed" });
});

test("an attempt whose lease was lost tells its end all the same", async () => {
  const { clock, ticks } = beatenClock();
  await using agent = new TestAgent({ clock }).start();
  const { lease, run } = agent.api.submit(DOCKER);
  await agent.running();
  await until("the lease is started", () => agent.api.leases.get(lease.id)?.started);
  agent.api.lost.add(lease.id);
  await until("the agent waits to beat", () => ticks.length > 0);
  ticks.splice(0).forEach((tick) => tick());
  const ended = await until("the end was told", () => agent.api.ended.get(lease.id));
  assert.equal(typeof ended.exit_code, "number");
  assert.equal(agent.api.released.has(lease.id), false);
  assert.equal(agent.api.stateOf(run), "PENDING");
});

test("an API of before, which takes no ends, gets its runs back as ever", async () => {
  await using agent = new TestAgent();
  agent.api.knowsEnds = false;
  agent.start();
  const { lease, run } = agent.api.submit(DOCKER);
  const container = await agent.running();
  agent.engine.die(container.id, { exitCode: 1 });
  await agent.released(lease);
  assert.equal(agent.api.stateOf(run), "CRASHED");
});

test("a process is told with its number, and its exit code", async () => {
  await using agent = new TestAgent({ command: ["sh", "-c", "exit 4"] }).start();
  const { lease } = agent.api.submit({ type: "subprocess", config: {} });
  await agent.released(lease);
  const holder = agent.api.holders.get(lease.id)!;
  assert.equal(holder.kind, "process");
  assert.match(holder.name, /^\d+$/);
  assert.equal(agent.api.ended.get(lease.id)!.exit_code, 4);
});

test("an image's digest is that of the repository that was asked for", () => {
  const digests = ["other@sha256:1", "box.example:5000/flows@sha256:2"];
  assert.equal(digestOf("box.example:5000/flows:1.4", digests), "box.example:5000/flows@sha256:2");
  assert.equal(digestOf("box.example:5000/flows", digests), "box.example:5000/flows@sha256:2");
  assert.equal(digestOf("box.example:5000/flows@sha256:2", digests), "box.example:5000/flows@sha256:2");
  assert.equal(digestOf("renamed:1", digests), "other@sha256:1");
  assert.equal(digestOf("built:1", []), undefined);
});
