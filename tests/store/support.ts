/**
 * A store on a temporary file, and things to begin a test with.
 *
 * @module
 */

import type { z } from "zod";
import { AgentCreate } from "../../src/domain/agents.ts";
import { type Deployment, DeploymentCreate } from "../../src/domain/deployments.ts";
import type { Flow } from "../../src/domain/flows.ts";
import { type FlowRun, FlowRunCreate } from "../../src/domain/flow_runs.ts";
import { StateCreate, type StateType } from "../../src/domain/states.ts";
import { type TaskRun, TaskRunCreate } from "../../src/domain/task_runs.ts";
import { createFlowRun } from "../../src/orchestration/create_flow_run.ts";
import { createTaskRun } from "../../src/orchestration/create_task_run.ts";
import { putDeployment } from "../../src/orchestration/deployments.ts";
import type { Outcome } from "../../src/orchestration/result.ts";
import type { Given } from "../../src/orchestration/rule.ts";
import { setFlowRunState } from "../../src/orchestration/set_flow_run_state.ts";
import { setTaskRunState } from "../../src/orchestration/set_task_run_state.ts";
import { putAgent } from "../../src/store/agents.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { createFlow } from "../../src/store/flows.ts";
import { readFlowRun } from "../../src/store/flow_runs.ts";
import { newId } from "../../src/support/ids.ts";

/** A proposal as a client writes it: a type, or more. */
export type Proposal = StateType | z.input<typeof StateCreate>;

const stateOf = (proposal: Proposal) => StateCreate.parse(typeof proposal === "string" ? { type: proposal } : proposal);

/** See {@link testStore}. */
export interface TestStore extends AsyncDisposable {
  store: Store;
  given(): Given;
  /** Moves the present on. */
  pass(seconds: number): void;
  aFlow(name?: string, project?: string): Promise<Flow>;
  aFlowRun(body?: Partial<Omit<z.input<typeof FlowRunCreate>, "state">> & { state?: Proposal }): Promise<FlowRun>;
  aTaskRun(body: Partial<Omit<z.input<typeof TaskRunCreate>, "state">> & { state?: Proposal }): Promise<TaskRun>;
  aDeployment(body?: Partial<z.input<typeof DeploymentCreate>>): Promise<Deployment>;
  anAgent(body?: Partial<z.input<typeof AgentCreate>>): Promise<string>;
  move(flowRunId: string, to: Proposal, options?: { force?: boolean }): Promise<Outcome>;
  moveTask(taskRunId: string, to: Proposal, options?: { force?: boolean }): Promise<Outcome>;
  run(id: string): Promise<FlowRun>;
}

/** When tests begin. */
export const BEGINNING = "2026-11-21T22:33:58.5Z";

/** Opens one; dispose of it with `await using`. */
export async function testStore(path = ":memory:"): Promise<TestStore> {
  let now = Temporal.Instant.from(BEGINNING);
  const store = await openStore({ path, clock: { now: () => now, sleep: () => Promise.resolve() } });
  let chance = 0;
  const random = () => (chance = (chance * 16807 + 12345) % 2147483647) / 2147483647;
  const given = (): Given => ({ now, random });
  let keys = 0;
  const test: TestStore = {
    store,
    given,
    pass: (seconds) => void (now = now.add({ milliseconds: Math.round(seconds * 1000) })),
    aFlow: async (name = "my-flow", project = "default") =>
      (await store.write((tx) => createFlow(tx, { name, project, tags: [] }, now))).flow,
    async aFlowRun({ state = "PENDING", ...body } = {}) {
      const flow_id = body.flow_id ?? (await test.aFlow()).id;
      const parsed = FlowRunCreate.parse({ ...body, flow_id, state: stateOf(state) });
      return (await store.write((tx) => createFlowRun(tx, parsed, given()))).run;
    },
    async aTaskRun({ state = "PENDING", ...body }) {
      const keysOf = { task_key: "a-task", dynamic_key: String(keys++) };
      const parsed = TaskRunCreate.parse({ ...keysOf, ...body, state: stateOf(state) });
      return (await store.write((tx) => createTaskRun(tx, parsed, given()))).run;
    },
    async aDeployment(body = {}) {
      const flow_id = body.flow_id ?? (await test.aFlow()).id;
      const runner = { type: "docker" as const };
      const parsed = DeploymentCreate.parse({ name: "example", flow_runner: runner, ...body, flow_id });
      return (await store.write((tx) => putDeployment(tx, parsed, given()))).deployment;
    },
    async anAgent(body = {}) {
      const parsed = AgentCreate.parse({ id: newId(), name: "an-agent", ...body });
      return (await store.write((tx) => putAgent(tx, parsed, now))).agent.id;
    },
    move: (id, to, options) => store.write((tx) => setFlowRunState(tx, id, stateOf(to), { ...given(), ...options })),
    moveTask: (id, to, options) =>
      store.write((tx) => setTaskRunState(tx, id, stateOf(to), { ...given(), ...options })),
    run: (id) => readFlowRun(store.read, id, now),
    [Symbol.asyncDispose]: () => store.close(),
  };
  return test;
}
