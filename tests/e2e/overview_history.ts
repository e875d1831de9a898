/**
 * A home with two days of runs, made the way that real runs go, only with another clock.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { AgentCreate } from "../../src/domain/agents.ts";
import { DeploymentCreate } from "../../src/domain/deployments.ts";
import { DeploymentFlowRunCreate, FlowRunCreate } from "../../src/domain/flow_runs.ts";
import { StateCreate } from "../../src/domain/states.ts";
import { createDeploymentRun } from "../../src/orchestration/create_deployment_run.ts";
import { createFlowRun } from "../../src/orchestration/create_flow_run.ts";
import { putDeployment } from "../../src/orchestration/deployments.ts";
import { homeFiles } from "../../src/server/home.ts";
import { putAgent } from "../../src/store/agents.ts";
import { openStore, type Tx } from "../../src/store/database.ts";
import { createFlow } from "../../src/store/flows.ts";
import { createProject } from "../../src/store/projects.ts";
import { formatInstant } from "../../src/support/clock.ts";
import { newId } from "../../src/support/ids.ts";

/** Runs every so many minutes, over so many hours. */
export const EVERY_MINUTES = 15;
export const HOURS = 48;

const FAILURES = [
  (i: number) =>
    `Flow run encountered an exception: Error: Cannot read row ${i} of "orders-${i}.csv" (import.ts:12:${i % 60})`,
  (i: number) => `Flow run encountered an exception: TypeError: GET https://shop.example/api/${i} answered 503`,
];

/** Makes the home's database. @returns The id of the flow that fails most. */
export async function makeHistory(home: string): Promise<{ flow: string }> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const present = Temporal.Now.instant();
  let now = present;
  const store = await openStore({
    path: homeFiles(home).database,
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
  let chance = 0;
  const random = () => (chance = (chance * 16807 + 12345) % 2147483647) / 2147483647;
  const at = <T>(time: Temporal.Instant, fn: (tx: Tx) => Promise<T>): Promise<T> => {
    now = time;
    return store.write(fn);
  };
  const ago = (seconds: number) => present.subtract({ seconds });
  await at(ago(3 * 86_400), (tx) => createProject(tx, { name: "billing", description: undefined }, now));
  const flow = (name: string, project: string) =>
    at(ago(3 * 86_400), (tx) => createFlow(tx, { name, project, tags: [] }, now));
  const flows = [
    (await flow("import", "default")).flow,
    (await flow("report-of-a-very-long-month-with-all-its-days", "billing")).flow,
  ];
  // An agent that died long ago, and one that dies while somebody looks.
  for (const [name, seconds] of [["old-machine", 7_200], ["dying-machine", 10]] as const) {
    const body = AgentCreate.parse({
      id: newId(),
      name,
      labels: name === "old-machine" ? ["gpu", "eu-central"] : [],
      limit: 4,
    });
    await at(ago(seconds), (tx) => putAgent(tx, body, now));
  }
  const runs = HOURS * 60 / EVERY_MINUTES;
  for (let i = 0; i < runs; i++) {
    const time = ago((runs - i) * EVERY_MINUTES * 60 - 30);
    const state = i % 11 === 3
      ? { type: "FAILED" as const, message: FAILURES[0](i) }
      : i % 29 === 5
      ? { type: "FAILED" as const, message: FAILURES[1](i) }
      : i % 41 === 7
      ? {
        type: "CRASHED" as const,
        message: `Container ran out of memory and was killed: exit code 137\nrow ${i}\nlast line`,
      }
      : i % 53 === 9
      ? { type: "CANCELLED" as const }
      : { type: "COMPLETED" as const };
    const body = FlowRunCreate.parse({
      flow_id: flows[i % 5 === 0 ? 1 : 0].id,
      state: StateCreate.parse(state),
      tags: i % 2 === 0 ? ["even"] : [],
    });
    await at(time, (tx) => createFlowRun(tx, body, { now, random }));
  }
  const body = DeploymentCreate.parse({
    name: "nightly",
    flow_id: flows[0].id,
    labels: ["gpu"],
    flow_runner: { type: "docker" },
  });
  const { deployment } = await at(ago(86_400), (tx) => putDeployment(tx, body, { now, random }));
  for (const seconds of [-600, 3_600, 7_200]) {
    const scheduled_time = formatInstant(present.add({ seconds }));
    const state = StateCreate.parse({ type: "SCHEDULED", state_details: { scheduled_time } });
    await at(
      ago(900),
      (tx) => createDeploymentRun(tx, deployment.id, DeploymentFlowRunCreate.parse({ state }), { now, random }),
    );
  }
  await store.close();
  return { flow: flows[0].id };
}
