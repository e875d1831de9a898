/**
 * An unmodified Prefect 2.20 client works with our server as with its own, and our API holds what it did.
 *
 * Installing the client takes longest, so one test walks through all that it does.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import { until, World } from "../e2e/support.ts";
import { test } from "../testing/test.ts";
import { PrefectClient } from "./prefect_client.ts";

const FLOWS = `
import sys, time
from prefect import flow, task, get_run_logger

tries = 0

@task
def add(a, b):
    return a + b

@task(retries=2, retry_delay_seconds=0, tags=["flaky"])
def flaky():
    global tries
    tries += 1
    if tries < 2:
        raise RuntimeError("not yet")
    return tries

@flow
def child(n: int):
    return add.submit(n, 1).result()

@flow(log_prints=True)
def parent(n: int = 1):
    get_run_logger().warning("said by a logger")
    print("printed by a flow")
    futures = [add.submit(i, n) for i in range(3)]
    flaky()
    return sum(future.result() for future in futures) + child(n)

@task
def breaks():
    raise ValueError("broken on purpose")

@flow
def failing():
    broken = breaks.submit()
    add.submit(broken, 1, return_state=True)
    broken.result()

@flow(log_prints=True)
def served(n: int = 0):
    print(f"served {n}")
    if n > 100:
        time.sleep(600)

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        served.serve(name="example", interval=3600, tags=["nightly"], parameters={"n": 1}, version="v7")
    else:
        print("RESULT", globals()[sys.argv[1]](*map(int, sys.argv[2:])))
`;

type Client = ReturnType<World["client"]>;

const onlyRun = async (client: Client, flow: string): Promise<FlowRun> => {
  const runs = await client.flowRuns.list({ flows: { name: { any_: [flow] } } });
  assert.equal(runs.length, 1, `one run of "${flow}"`);
  return runs[0];
};

/** Submitted tasks, a task that is retried, a sub-flow, logs. */
async function checkFlow(client: Client, url: string, prefect: PrefectClient, world: World): Promise<void> {
  const { code, output } = await prefect.run(url, "python", ["flows.py", "parent", "2"]);
  assert.equal(code, 0, output);
  assert.match(output, /RESULT 12/);
  assert.doesNotMatch(output, /Error logging to API|Traceback \(most recent call last\):[\s\S]*prefect\.exceptions/);

  const run = await onlyRun(client, "parent");
  assert.deepEqual([run.state_type, run.state_name, run.run_count], ["COMPLETED", "Completed", 1]);
  assert.deepEqual(run.parameters, { n: 2 });
  assert.ok(run.start_time !== null && run.end_time !== null && run.total_run_time > 0);
  assert.deepEqual((await client.flowRuns.states(run.id)).map(({ name }) => name), ["Pending", "Running", "Completed"]);

  const tasks = await client.taskRuns.list({ flow_runs: { id: { any_: [run.id] } }, sort: "NAME_ASC" });
  assert.deepEqual(tasks.map(({ name }) => name.replace(/^child.*/, "child")), [
    "add-0",
    "add-1",
    "add-2",
    "child",
    "flaky-0",
  ]);
  assert.deepEqual(new Set(tasks.map(({ state_type }) => state_type)), new Set(["COMPLETED"]));
  const flaky = tasks[4];
  assert.deepEqual([flaky.run_count, flaky.tags, flaky.empirical_policy.retries], [2, ["flaky"], 2]);
  assert.deepEqual((await client.taskRuns.states(flaky.id)).map(({ name }) => name), [
    "Pending",
    "Running",
    "AwaitingRetry",
    "Retrying",
    "Completed",
  ]);

  const child = await onlyRun(client, "child");
  assert.equal(child.parent_task_run_id, tasks[3].id);
  assert.equal(tasks[3].state?.state_details.child_flow_run_id, child.id);
  assert.equal((await client.taskRuns.list({ flow_runs: { id: { any_: [child.id] } } })).length, 1);

  const messages = await world.messages(url, run.id);
  for (const said of ["said by a logger", "printed by a flow"]) assert.ok(messages.includes(said), `logged "${said}"`);
  assert.ok(messages.some((message) => message.includes("Finished in state Completed()")));
}

/** A flow that fails ends as Failed with its error, and its client with 1. */
async function checkFailure(client: Client, url: string, prefect: PrefectClient): Promise<void> {
  const { code, output } = await prefect.run(url, "python", ["flows.py", "failing"]);
  assert.equal(code, 1, output);
  const run = await onlyRun(client, "failing");
  assert.deepEqual([run.state_type, run.state_name], ["FAILED", "Failed"]);
  assert.match(run.state?.message ?? "", /broken on purpose/);
  const tasks = await client.taskRuns.list({ flow_runs: { id: { any_: [run.id] } }, sort: "NAME_ASC" });
  assert.deepEqual(tasks.map(({ name, state_type, state_name }) => [name, state_type, state_name]), [
    ["add-0", "PENDING", "NotReady"],
    ["breaks-0", "FAILED", "Failed"],
  ]);
  assert.deepEqual(Object.values(tasks[0].task_inputs)[0], [{ input_type: "task_run", id: tasks[1].id }]);
}

/** `flow.serve()`, `prefect deployment run` and `prefect flow-run cancel`. */
async function checkServing(client: Client, url: string, prefect: PrefectClient, world: World): Promise<void> {
  const serving = prefect.start(url, "python", ["flows.py", "serve"]);
  const deployment = await until("the client serves its flow", async () => {
    const found = (await client.deployments.list({ deployments: { name: { any_: ["example"] } } }))[0];
    return found?.status === "READY" && found;
  }, 60_000).catch((error) => Promise.reject(new Error(`${error.message}\n${serving.output()}`)));
  assert.deepEqual([deployment.parameters, deployment.version, deployment.tags], [{ n: 1 }, "v7", ["nightly"]]);
  assert.equal((deployment.schedules[0].schedule as { interval: number }).interval, 3600);

  const ours = { flow_runs: { deployment_id: { any_: [deployment.id] } } };
  const automatic = { flow_runs: { ...ours.flow_runs, tags: { all_: ["auto-scheduled"] } } };
  await until("its schedule has runs", async () => await client.flowRuns.count(automatic) >= 3);

  const create = async (...args: string[]): Promise<string> => {
    const { code, output } = await prefect.run(url, "prefect", ["deployment", "run", "served/example", ...args]);
    assert.equal(code, 0, output);
    return output.match(/UUID:\s*([0-9a-f-]{36})/)![1];
  };
  const run = await world.finished(url, await create("--param", "n=5"));
  assert.deepEqual([run.state_type, run.parameters, run.deployment_version], ["COMPLETED", { n: 5 }, "v7"]);
  // The client sends its last records after the final state.
  await until("what it printed is logged", async () => (await world.messages(url, run.id)).includes("served 5"));
  assert.deepEqual((await client.flowRuns.states(run.id)).map(({ name }) => name), [
    "Scheduled",
    "Pending",
    "Running",
    "Completed",
  ]);

  // Whose process is there is told to stop and stopped by it; who waits is cancelled at once.
  const long = await create("--param", "n=101");
  await until("the long run runs", async () => (await client.flowRuns.read(long)).state_type === "RUNNING");
  const proposal = await client.flowRuns.setState(long, { type: "CANCELLING" });
  assert.equal(proposal.status, "ACCEPT");
  const cancelled = await world.finished(url, long);
  assert.deepEqual([cancelled.state_type, cancelled.state_name], ["CANCELLED", "Cancelled"]);

  const later = await create("--start-in", "2 hours");
  const told = await prefect.run(url, "prefect", ["flow-run", "cancel", later]);
  assert.equal(told.code, 0, told.output);
  assert.equal((await client.flowRuns.read(later)).state_type, "CANCELLED");

  await serving.stop("SIGINT");
  assert.equal((await client.deployments.read(deployment.id)).paused, true, serving.output());
  assert.equal(
    await client.flowRuns.count({
      ...automatic,
      flow_runs: { ...automatic.flow_runs, state: { type: { any_: ["SCHEDULED"] } } },
    }),
    0,
  );
}

/** Its lists show what our API holds. */
async function checkCommands(url: string, prefect: PrefectClient): Promise<void> {
  for (
    const [args, shown] of [
      [["flow", "ls"], /parent/],
      [["deployment", "ls"], /served\/example/],
      [["deployment", "inspect", "served/example"], /'version': 'v7'/],
      [["flow-run", "ls", "--flow-name", "failing"], /FAILED/i],
    ] as const
  ) {
    const { code, output } = await prefect.run(url, "prefect", [...args]);
    assert.equal(code, 0, output);
    assert.match(output, shown);
  }
}

test("an unmodified Prefect 2.20 client runs, serves and cancels flows on our server", async () => {
  await using prefect = await PrefectClient.install();
  prefect.file("flows.py", FLOWS);
  await using world = new World();
  const { url } = await world.server(["--no-agent"]);
  const client = world.client(url);
  await checkFlow(client, url, prefect, world);
  await checkFailure(client, url, prefect);
  await checkServing(client, url, prefect, world);
  await checkCommands(url, prefect);
});
