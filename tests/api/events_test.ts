import assert from "node:assert/strict";
import { BEAT_MS, eventStream, GATHER_MS, MOST_WAITING } from "../../src/api/events.ts";
import type { Change } from "../../src/domain/changes.ts";
import { settableClock, startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** A stream of made-up changes, read piece by piece. */
function stream() {
  const listeners = new Set<(change: Change) => void>();
  const clock = settableClock();
  const over = new AbortController();
  const changes = {
    subscribe(listener: (change: Change) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const reader = eventStream({ store: { changes } as never, clock, over: over.signal }).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  return {
    clock,
    over,
    listeners,
    reader,
    read,
    tell: (change: Change) => listeners.forEach((listener) => listener(change)),
    /** What comes next, the time that changes are gathered for having passed. */
    async next(): Promise<Change[]> {
      const coming = read();
      while (clock.sleepers === 0) await turn();
      clock.advance(GATHER_MS / 1000);
      const text = await coming;
      assert.match(text, /^event: changes\ndata: \[.*\]\n\n$/);
      return JSON.parse(text.slice(text.indexOf("[")));
    },
  };
}

const run = (id: string, state: "RUNNING" | "COMPLETED" = "RUNNING"): Change => ({ kind: "flow_run", id, state });

test("a stream begins with a greeting, and tells what changed together, the same thing once", async () => {
  const s = stream();
  assert.equal(await s.read(), "retry: 1000\nevent: hello\ndata: {}\n\n");
  s.tell(run("a"));
  s.tell(run("b"));
  s.tell({ kind: "logs", flow_run_id: "a" });
  s.tell(run("a", "COMPLETED"));
  assert.deepEqual(await s.next(), [run("a", "COMPLETED"), run("b"), { kind: "logs", flow_run_id: "a" }]);
  await s.reader.cancel();
  assert.equal(s.listeners.size, 0);
});

test("what changed while nobody read waits once, and too much becomes one word", async () => {
  const s = stream();
  await s.read();
  for (let i = 0; i < 100_000; i++) s.tell(run("a"));
  assert.deepEqual(await s.next(), [run("a")]);
  for (let i = 0; i <= MOST_WAITING; i++) s.tell(run(String(i)));
  s.tell(run("after"));
  assert.deepEqual(await s.next(), [{ kind: "elsewhere" }]);
  s.tell(run("b"));
  assert.deepEqual(await s.next(), [run("b")]);
  await s.reader.cancel();
});

test("a line comes at least every 15 seconds", async () => {
  const s = stream();
  await s.read();
  const coming = s.read();
  while (s.clock.sleepers === 0) await turn();
  s.clock.advance(BEAT_MS / 1000);
  assert.equal(await coming, "event: beat\ndata: {}\n\n");
  await s.reader.cancel();
});

test("a stream ends when the server stops, and hears nothing any more", async () => {
  const s = stream();
  await s.read();
  const end = s.reader.read();
  s.over.abort();
  assert.deepEqual(await end, { done: true, value: undefined });
  assert.equal(s.listeners.size, 0);
  assert.equal(s.clock.sleepers, 0);
});

test("every noun tells that it was made, changed or deleted", async () => {
  await using server = await startTestServer();
  const { client, store } = server;
  const heard: string[] = [];
  const unsubscribe = store.changes.subscribe(({ kind }) => heard.push(kind));
  const tells = async (kind: Change["kind"], what: () => Promise<unknown>) => {
    heard.length = 0;
    await what();
    assert.ok(heard.includes(kind), `${kind}: ${what}`);
  };
  await tells("project", () => client.projects.create({ name: "p" }));
  await tells("flow", () => client.flows.create({ name: "f", project: "p" }));
  const flow = await client.flows.readByName("f", "p");
  await tells("deployment", () => client.deployments.create({ name: "d", flow_id: flow.id }));
  await tells("flow_run", () => server.aFlowRun({ flow_id: flow.id }));
  const { id: flow_run_id } = await server.aFlowRun({ flow_id: flow.id });
  await tells(
    "task_run",
    () => client.taskRuns.create({ flow_run_id, task_key: "t", dynamic_key: "0", state: { type: "PENDING" } }),
  );
  const token = await client.tokens.create({ name: "t", scope: "USER" });
  await tells("token", () => client.tokens.revoke(token.id));
  await tells("secret", () => client.secrets.set("s", "value"));
  await tells("secret", () => client.secrets.delete("s"));
  const agent = { id: crypto.randomUUID(), name: "a" };
  await tells("agent", () => client.agents.create(agent));
  await tells("agent", () => client.agents.stopped(agent.id));
  await tells("agent", () => client.agents.delete(agent.id));
  await tells("project", () => client.projects.delete("p"));
  unsubscribe();
});
