import assert from "node:assert/strict";
import { AGENT_ALIVE_SECONDS } from "../../src/domain/agents.ts";
import type { Change } from "../../src/domain/changes.ts";
import { claimRuns } from "../../src/orchestration/claims.ts";
import { putDeployment } from "../../src/orchestration/deployments.ts";
import { startServices } from "../../src/services/mod.ts";
import { loop } from "../../src/services/service.ts";
import { DeploymentCreate } from "../../src/domain/deployments.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { readFlowRun } from "../../src/store/flow_runs.ts";
import { countFlowRuns } from "../../src/store/run_lists.ts";
import { readTaskRun } from "../../src/store/task_runs.ts";
import { createLog, silentLog } from "../../src/support/log.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";
import { type SettableClock, settableClock } from "../testing/test_server.ts";
import { type TestStore, testStore } from "../store/support.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (const end = performance.now() + 20_000; !await condition();) {
    assert.ok(performance.now() < end, `never: ${condition}`);
    await turn();
  }
};
/** How many loops there are. */
const SERVICES = 5;
const random = () => 0.5;
const count = (store: Store) => countFlowRuns(store.read, {} as never);

interface Running extends AsyncDisposable {
  t: TestStore;
  clock: SettableClock;
  lines: string[];
  /** Lets time pass; the services work when theirs has come. */
  pass(seconds: number): void;
}

/** A store whose services run, by a clock that the test sets; every service sleeps when it is answered. */
async function running(path?: string): Promise<Running> {
  const t = await testStore(path);
  const clock = settableClock(t.given().now.toString());
  const lines: string[] = [];
  const services = startServices({
    store: t.store,
    clock,
    random,
    log: createLog({ write: (line) => lines.push(line), clock }),
  });
  await until(() => clock.sleepers === SERVICES);
  return {
    t,
    clock,
    lines,
    pass(seconds) {
      t.pass(seconds);
      clock.advance(seconds);
    },
    async [Symbol.asyncDispose]() {
      await services.stop();
      assert.equal(clock.sleepers, 0, "a service still sleeps");
      await t[Symbol.asyncDispose]();
    },
  };
}

const hourly = { schedule: { interval: 3600, anchor_date: "2026-01-01T00:00:00Z", timezone: "UTC" } };

test("a loop works at once, then after each wait, and again right away when it is woken", async () => {
  const clock = settableClock();
  let worked = 0;
  const service = loop("a", 1000, () => Promise.resolve(void worked++), { clock, random, log: silentLog });
  await until(() => clock.sleepers === 1);
  assert.equal(worked, 1);
  clock.advance(1);
  await until(() => worked === 2 && clock.sleepers === 1);
  service.wake();
  await until(() => worked === 3 && clock.sleepers === 1);
  await service.stop();
  assert.equal(worked, 3);
  assert.equal(clock.sleepers, 0);
});

test("a loop that is woken while it works works once more", async () => {
  const clock = settableClock();
  const first = Promise.withResolvers<void>();
  let worked = 0;
  const service = loop("a", 1000, () => ++worked === 1 ? first.promise : Promise.resolve(), {
    clock,
    random,
    log: silentLog,
  });
  service.wake();
  first.resolve();
  await until(() => worked === 2 && clock.sleepers === 1);
  await service.stop();
});

test("an error is logged and the loop goes on; stopping waits for the work that is under way", async () => {
  const clock = settableClock();
  const lines: string[] = [];
  const last = Promise.withResolvers<void>();
  let worked = 0;
  const work = () => {
    worked++;
    if (worked === 1) throw new Error("disk is gone");
    return last.promise;
  };
  const service = loop("a", 1000, work as () => Promise<void>, {
    clock,
    random,
    log: createLog({ write: (line) => lines.push(line), clock }),
  });
  await until(() => clock.sleepers === 1);
  assert.match(lines[0], /ERROR - flowctl \| Service "a" failed and goes on: disk is gone$/);
  clock.advance(1);
  await until(() => worked === 2);
  let stopped = false;
  const stopping = service.stop().then(() => stopped = true);
  await turn();
  assert.equal(stopped, false);
  last.resolve();
  await stopping;
});

test("a deployment that is made while the server runs has its runs at once", async () => {
  await using s = await running();
  await s.t.aDeployment({ schedules: [hourly] });
  await until(async () => await count(s.t.store) === 3);
});

test("one that was made before the server started, or by another process, has them too", async () => {
  using folder = testFolder();
  const path = `${folder.path}/flowctl.db`;
  {
    await using before = await testStore(path);
    await before.aDeployment({ name: "before", schedules: [hourly] });
  }
  await using s = await running(path);
  await until(async () => await count(s.t.store) === 3);
  const other = await openStore({ path, clock: s.clock });
  const flow_id = (await s.t.aFlow()).id;
  const body = DeploymentCreate.parse({ name: "elsewhere", flow_id, schedules: [hourly] });
  await other.write((tx) => putDeployment(tx, body, s.t.given()));
  await until(async () => await count(s.t.store) === 6);
  await other.close();
});

test("as time passes new runs are made", async () => {
  await using s = await running();
  await s.t.aDeployment({ schedules: [hourly] });
  await until(async () => await count(s.t.store) === 3 && s.clock.sleepers === SERVICES);
  s.pass(2 * 3600);
  await until(async () => await count(s.t.store) > 3);
});

test("a run that nobody took becomes Late, and not before 15 seconds", async () => {
  await using s = await running();
  const { id } = await s.t.aFlowRun({ state: "SCHEDULED" });
  const name = async () => (await s.t.run(id)).state_name;
  for (let i = 0; i < 2; i++) {
    s.pass(6);
    await until(() => s.clock.sleepers === SERVICES);
    assert.equal(await name(), "Scheduled");
  }
  s.pass(6);
  await until(async () => await name() === "Late");
  const run = await s.t.run(id);
  assert.deepEqual([run.state_type, run.next_scheduled_start_time], ["SCHEDULED", run.expected_start_time]);
});

test("a run whose agent went away goes back to wait", async () => {
  await using s = await running();
  const deployment = await s.t.aDeployment();
  const { id } = await s.t.aFlowRun({ flow_id: deployment.flow_id, deployment_id: deployment.id, state: "SCHEDULED" });
  const agent = await s.t.anAgent();
  await s.t.store.write((tx) => claimRuns(tx, agent, { slots: 1 }, s.t.given()));
  s.pass(31);
  await until(async () => (await s.t.run(id)).state_type === "SCHEDULED");
  await until(() => s.lines.some((line) => line.includes("Gave back 1 runs")));
});

test("an agent that died without a word is told of, and once", async () => {
  await using s = await running();
  const agent = await s.t.anAgent();
  const heard: Change[] = [];
  const unsubscribe = s.t.store.changes.subscribe((change) => heard.push(change));
  const beat = async (seconds: number) => {
    s.pass(seconds);
    await until(() => s.clock.sleepers === SERVICES);
  };
  // It became known after the first look.
  await beat(4);
  await beat(4);
  assert.deepEqual(heard, [{ kind: "agent", id: agent }]);
  await beat(AGENT_ALIVE_SECONDS);
  await until(() => heard.length === 2);
  await beat(4);
  assert.deepEqual(heard.slice(1), [{ kind: "agent", id: agent }]);
  unsubscribe();
});

test("what belongs to a cancelled run is cancelled at once", async () => {
  await using s = await running();
  const { t } = s;
  const run = await t.aFlowRun({ state: "RUNNING" });
  const [task, done, stand, other] = [
    await t.aTaskRun({ flow_run_id: run.id, state: "RUNNING" }),
    await t.aTaskRun({ flow_run_id: run.id, state: "COMPLETED" }),
    await t.aTaskRun({ flow_run_id: run.id }),
    await t.aTaskRun({ flow_run_id: run.id }),
  ];
  const child = await t.aFlowRun({ parent_task_run_id: stand.id, state: "RUNNING" });
  const deployment = await t.aDeployment();
  const deployed = await t.aFlowRun({ parent_task_run_id: other.id, deployment_id: deployment.id, state: "RUNNING" });
  await t.move(run.id, "CANCELLED");
  const state = async (id: string) => (await readFlowRun(t.store.read, id, t.given().now)).state_type;
  const taskState = async (id: string) => (await readTaskRun(t.store.read, id, t.given().now)).state;
  await until(async () => await state(child.id) === "CANCELLED" && await state(deployed.id) === "CANCELLING");
  await until(async () => (await taskState(task.id))?.type === "CANCELLED");
  assert.equal((await taskState(task.id))?.message, "The parent flow run was cancelled.");
  assert.equal((await taskState(done.id))?.type, "COMPLETED");
});
