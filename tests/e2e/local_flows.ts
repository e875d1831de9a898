/**
 * Flows of the subprocess runner for tests of the SDK: they take the same way as those in containers and start faster.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import type { Log } from "../../src/domain/logs.ts";
import type { TaskRun } from "../../src/domain/task_runs.ts";
import type { Result, World } from "./support.ts";

/** A flow file that deploys its flow `f` as `d` to the subprocess runner. */
export const local = (body: string, head = ""): string =>
  `import { DeploymentSpec, flow, getRunLogger, SubprocessFlowRunner, task } from "flowctl";
${head}
${body}
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner() });
`;

export interface Ran {
  url: string;
  done: FlowRun;
  messages: string[];
}

/** Creates the deployment of a file, runs it, and waits for the end. */
export async function ran(world: World, file: string, flow: string, args: string[] = []): Promise<Ran> {
  await world.ok(["deployment", "create", file]);
  const { url } = await world.server();
  return await again(world, url, flow, args);
}

export async function again(world: World, url: string, flow: string, args: string[] = []): Promise<Ran> {
  const run = await world.createRun(`${flow}/d`, args);
  const done = await world.finished(url, run.id);
  return { url, done, messages: await world.messages(url, run.id) };
}

export const tasksOf = ({ url, done }: Ran, world: World): Promise<TaskRun[]> =>
  world.client(url).taskRuns.list({ flow_runs: { id: { any_: [done.id] } } } as never);

export const logsOf = ({ url, done }: Ran, world: World): Promise<Log[]> =>
  world.client(url).logs.list({ logs: { flow_run_id: { any_: [done.id] } }, limit: 200 } as never);

export function assertCompleted({ done, messages }: Ran): void {
  assert.equal(done.state_type, "COMPLETED", `${done.state?.message}\n${messages.join("\n")}`);
}

export function assertOneSentence({ code, stderr }: Result, pattern: RegExp): void {
  assert.ok(code !== 0 && code !== 70, `exit code ${code}:\n${stderr}`);
  assert.match(stderr, pattern);
  assert.doesNotMatch(stderr, /^\s+at .*[:(]\d+/m);
}

/** The value that a state's data holds. */
export function valueOf(data: unknown): unknown {
  assert.equal((data as { type?: string } | null)?.type, "literal", JSON.stringify(data));
  return (data as { value?: unknown }).value;
}
