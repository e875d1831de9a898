/**
 * Runs the command line in this process, with captured streams, an API made of arrays, and a clock that never waits.
 *
 * @module
 */

import type { Client } from "../../src/client/client.ts";
import type { Host } from "../../src/cli/context.ts";
import type { Connection, Parts } from "../../src/cli/parts.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { AgentStatus } from "../../src/domain/agents.ts";
import type { Deployment } from "../../src/domain/deployments.ts";
import type { Flow } from "../../src/domain/flows.ts";
import type { Waiting } from "../../src/domain/waiting_reasons.ts";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import type { Log } from "../../src/domain/logs.ts";
import type { StateType } from "../../src/domain/states.ts";
import type { Clock } from "../../src/support/clock.ts";
import { FlowctlError } from "../../src/support/errors.ts";

/** The present of all these tests. */
export const NOW = Temporal.Instant.from("2026-11-21T22:33:58Z");
const STAMP = "2026-11-21T22:28:58.000000+00:00";

/** An id that ends in a number. */
export const idOf = (n: number) => `0199c0de-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** A clock that stands still; whoever sleeps goes on at once, and what it slept is written down. */
export function standingClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => NOW,
    sleep(ms) {
      slept.push(ms);
      return Promise.resolve();
    },
  };
}

export const aFlow = (over: Partial<Flow> = {}): Flow => ({
  id: idOf(1),
  created: STAMP,
  updated: STAMP,
  name: "my-flow",
  tags: [],
  project: "default",
  ...over,
});

export const aDeployment = (over: Partial<Deployment> = {}): Deployment => ({
  id: idOf(2),
  created: STAMP,
  updated: STAMP,
  name: "example",
  flow_id: idOf(1),
  flow_name: "my-flow",
  project: "default",
  infra_overrides: {},
  version: null,
  description: null,
  schedule: null,
  is_schedule_active: true,
  paused: false,
  schedules: [],
  parameters: {},
  tags: [],
  work_queue_name: null,
  last_polled: null,
  parameter_openapi_schema: null,
  path: null,
  pull_steps: null,
  entrypoint: null,
  manifest_path: null,
  storage_document_id: null,
  infrastructure_document_id: null,
  created_by: null,
  updated_by: null,
  work_pool_name: null,
  status: "READY",
  enforce_parameter_schema: false,
  labels: [],
  flow_runner: null,
  bundle_hash: null,
  version_id: idOf(9),
  version_number: 1,
  flowctl_version: "0.1.0",
  storage: null,
  secrets: [],
  ...over,
});

/** A run in a state; the state's id changes with it. */
export function aFlowRun(type: StateType = "SCHEDULED", over: Partial<FlowRun> = {}): FlowRun {
  const id = over.id ?? idOf(3);
  const stateId = over.state_id ?? `${type}-of-${id}`;
  const name = over.state_name ?? type[0] + type.slice(1).toLowerCase();
  return {
    id,
    created: STAMP,
    updated: STAMP,
    name: "heavy-parakeet",
    flow_id: idOf(1),
    state_id: stateId,
    deployment_id: idOf(2),
    deployment_version: null,
    work_queue_id: null,
    work_queue_name: null,
    flow_version: null,
    parameters: {},
    idempotency_key: null,
    context: {},
    empirical_policy: {
      max_retries: 0,
      retry_delay_seconds: 0,
      retries: null,
      retry_delay: null,
      pause_keys: [],
      resuming: false,
      retry_type: null,
    },
    tags: [],
    parent_task_run_id: null,
    state_type: type,
    state_name: name,
    run_count: 0,
    expected_start_time: STAMP,
    next_scheduled_start_time: null,
    start_time: null,
    end_time: null,
    total_run_time: 0,
    estimated_run_time: 0,
    estimated_start_time_delta: 0,
    auto_scheduled: false,
    infrastructure_document_id: null,
    infrastructure_pid: null,
    created_by: null,
    work_pool_id: null,
    work_pool_name: null,
    state: { id: stateId, type, name, timestamp: STAMP, message: null, data: null, state_details: {} } as never,
    job_variables: null,
    project: "default",
    labels: [],
    deployment_version_id: null,
    agent_id: null,
    attempt: 0,
    ...over,
  };
}

/** The nth line of a run, one second after the one before it. */
export const aLog = (n: number, message = `line ${n}`, over: Partial<Log> = {}): Log => ({
  id: idOf(1000 + n),
  created: STAMP,
  updated: STAMP,
  name: "flowctl.FlowRunner",
  level: 20,
  message,
  timestamp: NOW.add({ seconds: n }).toString({ fractionalSecondDigits: 6 }).replace("Z", "+00:00"),
  flow_run_id: idOf(3),
  task_run_id: null,
  ...over,
});

/** What the fake API holds, and what was asked of it. */
export interface FakeApi {
  flows: Flow[];
  deployments: Deployment[];
  runs: FlowRun[];
  logs: Log[];
  /** What each wait does: it may add logs, and answers the run as it is then. */
  waits: (() => FlowRun)[];
  /** What each question whether the run is settled does and answers; true when there is nothing more. */
  settled: (() => boolean)[];
  /** One line for each call that changes something. */
  calls: string[];
  /** Bodies of those calls. */
  bodies: unknown[];
  setStateAnswer?: unknown;
  /** Why nobody takes a run. */
  /** Why runs wait, by their ids. */
  waiting?: Record<string, Waiting>;
  agents?: AgentStatus[];
}

/** An empty fake API. */
export const fakeApi = (over: Partial<FakeApi> = {}): FakeApi => ({
  flows: [aFlow()],
  deployments: [aDeployment()],
  runs: [],
  logs: [],
  waits: [],
  settled: [],
  calls: [],
  bodies: [],
  ...over,
});

const notFound = (what: string) => new FlowctlError("not_found", `${what} not found`, { details: { status: 404 } });

const pageOf = <T>(rows: T[], { limit = 200, offset = 0 }: { limit?: number | null; offset?: number | null }) =>
  rows.slice(offset ?? 0, (offset ?? 0) + (limit ?? 200));

/** The part of the client that commands use, over a {@link FakeApi}. */
export function fakeClient(api: FakeApi): Client {
  const call = (text: string, body?: unknown) => {
    api.calls.push(text);
    api.bodies.push(body);
  };
  const find = <T extends { id: string }>(rows: T[], id: string, what: string): T => {
    const found = rows.find((row) => row.id === id);
    if (!found) throw notFound(what);
    return found;
  };
  const client = {
    url: "http://127.0.0.1:4200/api",
    flows: {
      list: (query: { flows?: { id?: { any_?: string[] } }; limit?: number; offset?: number }) =>
        pageOf(api.flows.filter((flow) => query.flows?.id?.any_?.includes(flow.id) ?? true), query),
      read: (id: string) => find(api.flows, id, "Flow"),
    },
    deployments: {
      list: (query: { limit?: number; offset?: number }) => pageOf(api.deployments, query),
      read: (id: string) => find(api.deployments, id, "Deployment"),
      readByName: (flow: string, name: string, project = "default") => {
        const found = api.deployments.find((d) => d.flow_name === flow && d.name === name && d.project === project);
        if (!found) throw notFound("Deployment");
        return found;
      },
      delete: (id: string) => call(`delete deployment ${id}`),
      pause: (id: string) => call(`pause deployment ${id}`),
      resume: (id: string) => call(`resume deployment ${id}`),
      createRun: (id: string, body: { name?: string }) => {
        call(`create run of ${id}`, body);
        return aFlowRun("SCHEDULED", { deployment_id: id, name: body.name ?? "heavy-parakeet" });
      },
    },
    flowRuns: {
      list: (query: { flow_runs?: { name?: { any_?: string[] } }; limit?: number; offset?: number }) => {
        const names = query.flow_runs?.name?.any_;
        return pageOf(api.runs.filter((run) => names === undefined || names.includes(run.name)), query);
      },
      read: (id: string) => find(api.runs, id, "Flow run"),
      delete: (id: string) => call(`delete run ${id}`),
      setState: (id: string, state: unknown) => {
        call(`set state of ${id}`, state);
        return api.setStateAnswer ?? { state: null, status: "ACCEPT", details: { type: "accept_details" } };
      },
      wait: (id: string, stateId: string | null, _seconds: number, signal?: AbortSignal) => {
        const next = api.waits.shift();
        if (next === undefined) throw new Error(`Nobody said what the wait for ${id} after ${stateId} answers`);
        const run = next();
        if (signal?.aborted) throw signal.reason;
        return run;
      },
      waiting: (id: string) => api.waiting?.[id] ?? null,
      settled: () => api.settled.shift()?.() ?? true,
    },
    agents: {
      list: () => api.agents ?? [],
      delete: (id: string) => call(`delete agent ${id}`),
    },
    secrets: {
      set: (name: string, value: string) => {
        call(`set secret ${name}`, value);
        return { name, created: STAMP, updated: STAMP };
      },
    },
    registryLogins: {
      set: (registry: string, login: unknown) => call(`set login ${registry}`, login),
    },
    logs: {
      list: (query: { sort?: string; limit?: number; offset?: number }) => {
        const sorted = [...api.logs].sort((a, b) => a.timestamp < b.timestamp ? -1 : 1);
        return pageOf(query.sort === "TIMESTAMP_DESC" ? sorted.reverse() : sorted, query);
      },
    },
  };
  return asynchronous(client) as unknown as Client;
}

/** The same calls, each answering a promise. */
function asynchronous(groups: Record<string, unknown>): unknown {
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => {
      if (typeof group === "string") return [name, group];
      const calls = group as Record<string, (...args: never[]) => unknown>;
      return [
        name,
        Object.fromEntries(
          // deno-lint-ignore require-await -- what is thrown becomes a rejection
          Object.entries(calls).map(([verb, call]) => [verb, async (...args: never[]) => call(...args)]),
        ),
      ];
    }),
  );
}

/** What one run of the program is given. */
export interface CliOptions {
  env?: Record<string, string>;
  api?: FakeApi;
  mode?: Connection["mode"];
  parts?: Partial<Parts>;
  stdin?: string;
  terminal?: boolean;
  signal?: AbortSignal;
  cwd?: string;
}

/** What one run of the program did. */
export interface CliResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
  slept: number[];
}

/** Runs the program. */
export async function cli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const clock = standingClock();
  const isTerminal = options.terminal ?? false;
  const api = options.api ?? fakeApi();
  const refuse = (): never => {
    throw new Error("this test did not expect that");
  };
  const lines = (options.stdin ?? "").split("\n");
  const host: Host = {
    env: { HOME: "/home/ada", ...options.env },
    cwd: options.cwd ?? "/",
    stdin: {
      isTerminal,
      text: () => Promise.resolve(options.stdin ?? ""),
      line: () => Promise.resolve(lines.shift()),
      hidden(prompt) {
        stderr += prompt;
        return Promise.resolve(lines.shift());
      },
    },
    stdout: { write: (text) => void (stdout += text), isTerminal, columns: 100 },
    stderr: { write: (text) => void (stderr += text), isTerminal, columns: 100 },
    clock,
    random: () => 0.5,
    signal: options.signal ?? new AbortController().signal,
    parts: {
      connect: () =>
        Promise.resolve({
          client: fakeClient(api),
          fetch: refuse,
          mode: options.mode ?? "remote",
          address: options.mode === "ephemeral" ? "/home/ada/.flowctl" : "http://127.0.0.1:4200/api",
          close: () => Promise.resolve(),
        }),
      findServer: () => Promise.resolve(undefined),
      startServer: refuse,
      startDetached: refuse,
      stopServer: refuse,
      openServerNetwork: refuse,
      closeServerNetwork: refuse,
      runAgent: refuse,
      runDoctor: refuse,
      reapContainers: refuse,
      reapImages: refuse,
      loadDeployments: refuse,
      deploy: refuse,
      executeFlowRun: refuse,
      checkImage: refuse,
      registering: refuse,
      openScratch: refuse,
      runSelf: refuse,
      runAsMain: refuse,
      ...options.parts,
    },
  };
  const code = await runProgram(args, host);
  return { code, stdout, stderr, slept: clock.slept };
}
