import assert from "node:assert/strict";
import { flow, getRunContext, task } from "../../src/mod/mod.ts";
import { closeClient, setClientProvider } from "../../src/sdk/client_provider.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  await using server = await startTestServer();
  setClientProvider(() => Promise.resolve({ client: server.client, print: () => {}, close: () => Promise.resolve() }));
  try {
    await work(server);
  } finally {
    await closeClient();
  }
}

test("the server keeps what a flow did: states, task runs, sub-flow, logs, results", () =>
  withServer(async ({ client }) => {
    const double = task("double", (n: number) => {
      console.log(`doubling ${n}`);
      return n * 2;
    });
    const child = flow("child", async ({ n }: { n: number }) => await double(n));
    const parent = flow("parent", async () => [await double(1), await child({ n: 2 })]);
    assert.deepEqual(await parent(), [2, 4]);
    const runs = await client.flowRuns.list({ sort: "EXPECTED_START_TIME_ASC" });
    assert.deepEqual(runs.map((run) => run.state_name), ["Completed", "Completed"]);
    const root = runs.find((run) => run.parent_task_run_id === null)!;
    const sub = runs.find((run) => run.parent_task_run_id !== null)!;
    const tasks = await client.taskRuns.list({ flow_runs: { id: { any_: [root.id] } } });
    assert.deepEqual(tasks.map((run) => [run.name, run.state_name]).toSorted(), [["child-0", "Completed"], [
      "double-0",
      "Completed",
    ]]);
    const standIn = tasks.find((run) => run.name === "child-0")!;
    assert.equal(standIn.id, sub.parent_task_run_id);
    assert.equal(standIn.state?.state_details.child_flow_run_id, sub.id);
    const names = (await client.flowRuns.states(root.id)).map((state) => state.name);
    assert.deepEqual(names, ["Pending", "Running", "Completed"]);
    const logs = await client.logs.list({ logs: { flow_run_id: { any_: [root.id] } }, sort: "TIMESTAMP_ASC" });
    assert.equal(logs.at(-1)?.message, "Flow run SUCCESS: all reference tasks succeeded");
    assert(logs.some((log) => log.message === "doubling 1" && log.task_run_id !== null));
  }));

test("the server decides on retries of tasks and of flows, and kept results are not made again", () =>
  withServer(async ({ client }) => {
    let tries = 0;
    let made = 0;
    const once = task("once", () => ++made);
    const flaky = task("flaky", () => {
      if (++tries < 2) throw new Error("not yet");
      return tries;
    }, { retries: 1 });
    const f = flow("f", async () => {
      const first = await once();
      await flaky();
      if (getRunContext().flowRun.run_count < 2) throw new Error("again");
      return first;
    }, { retries: 1 });
    assert.equal(await f(), 1);
    assert.equal(made, 1);
    const [run] = await client.flowRuns.list();
    assert.deepEqual((await client.flowRuns.states(run.id)).map((state) => state.name), [
      ...["Pending", "Running", "AwaitingRetry", "Running", "Completed"],
    ]);
    const flakyRun = (await client.taskRuns.list()).find((run) => run.name === "flaky-0")!;
    assert.deepEqual((await client.taskRuns.states(flakyRun.id)).map((state) => state.name), [
      ...["Pending", "Running", "AwaitingRetry", "Retrying", "Completed"],
    ]);
  }));

test("a failed flow is Failed on the server with its message", () =>
  withServer(async ({ client }) => {
    const fail = task("fail", () => {
      throw new RangeError("too far");
    });
    await assert.rejects(flow("f", async () => await fail())(), /too far/);
    const [run] = await client.flowRuns.list();
    assert.equal(run.state_type, "FAILED");
    assert.match(run.state?.message ?? "", /RangeError: too far \(.*on_server_test\.ts:\d+:\d+\)$/);
  }));

test("a run that is cancelled by the API aborts the flow's signal and becomes Cancelled", () =>
  withServer(async ({ client }) => {
    const f = flow("f", async (_: Record<string, never>, { signal, run }) => {
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      await client.flowRuns.setState(run.id, { type: "CANCELLING" });
      await aborted;
    });
    await assert.rejects(f(), /cancelled/i);
    const [run] = await client.flowRuns.list();
    assert.equal(run.state_name, "Cancelled");
  }));

test("a cached result is taken by another run", () =>
  withServer(async () => {
    let made = 0;
    const slow = task("slow", (n: number) => ({ n, made: ++made }), { cacheKey: (n) => `slow-${n}` });
    const f = flow("f", async () => await slow(7));
    assert.deepEqual([await f(), await f()], [{ n: 7, made: 1 }, { n: 7, made: 1 }]);
  }));
