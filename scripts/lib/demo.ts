/**
 * A home with a history: projects, flows, deployments, two days of runs, agents. For screenshots, and for tests that look at pages as
 * people will see them.
 *
 * Everything goes the way that real runs go, only with another clock; nothing is written around the rules.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { AgentCreate } from "../../src/domain/agents.ts";
import { type Deployment, DeploymentCreate } from "../../src/domain/deployments.ts";
import { DeploymentFlowRunCreate } from "../../src/domain/flow_runs.ts";
import { LogCreate } from "../../src/domain/logs.ts";
import { StateCreate } from "../../src/domain/states.ts";
import { TaskRunCreate } from "../../src/domain/task_runs.ts";
import { createDeploymentRun } from "../../src/orchestration/create_deployment_run.ts";
import { createTaskRun } from "../../src/orchestration/create_task_run.ts";
import { putDeployment } from "../../src/orchestration/deployments.ts";
import { setFlowRunState } from "../../src/orchestration/set_flow_run_state.ts";
import { setTaskRunState } from "../../src/orchestration/set_task_run_state.ts";
import { homeFiles } from "../../src/server/home.ts";
import { putAgent } from "../../src/store/agents.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { createFlow } from "../../src/store/flows.ts";
import { createLogs } from "../../src/store/logs.ts";
import { createProject } from "../../src/store/projects.ts";
import { formatInstant } from "../../src/support/clock.ts";
import { newId } from "../../src/support/ids.ts";

/** Ids to look at. */
export interface Demo {
  /** Runs, by what they are an example of. */
  runs: Record<"completed" | "failed" | "running" | "late" | "waiting", string>;
  flow: string;
  deployment: string;
  agent: string;
}

interface Kind {
  project: string;
  flow: string;
  name: string;
  /** How often, in minutes. */
  every: number;
  /** How long a run takes, in seconds. */
  takes: number;
  tasks: string[];
  labels?: string[];
  tags?: string[];
  /** Every so many-th run fails, with this message. */
  fails?: [every: number, message: string];
  schema?: Record<string, unknown>;
  image?: string;
  cron?: string;
  about?: string;
}

const KINDS: Kind[] = [
  {
    project: "billing",
    flow: "close-month",
    name: "every-three-hours",
    cron: "0 */3 * * *",
    about: "Closes the books of the month, and posts totals",
    every: 180,
    takes: 95,
    tasks: ["read_ledger", "convert_currencies", "post_totals", "mail_report"],
    tags: ["finance"],
    fails: [5, `Error: Cannot reach "ledger.internal:5432": connection refused after 3 tries`],
    schema: {
      type: "object",
      required: ["month"],
      properties: {
        month: { type: "string", format: "date", title: "Month", description: "Any day of the month to close" },
        currency: { type: "string", enum: ["EUR", "USD", "GBP"], default: "EUR" },
        dry_run: { type: "boolean", default: true, description: "Compute, and post nothing" },
      },
    },
  },
  {
    project: "default",
    flow: "fetch-weather",
    name: "half-hourly",
    cron: "*/30 * * * *",
    every: 30,
    takes: 8,
    tasks: ["fetch", "check", "store"],
    fails: [17, "HTTP 503 of https://stations.example/api/v2/readings?id=8213"],
  },
  {
    project: "default",
    flow: "train-model",
    name: "gpu",
    every: 720,
    takes: 2400,
    tasks: ["load", "split", "train", "train", "train", "evaluate", "publish"],
    labels: ["gpu"],
    tags: ["ml"],
    image: "registry.internal:5000/ml/train:2026.11",
  },
  {
    project: "docker_1_project",
    flow: "docker_1_flow",
    name: "registered",
    every: 240,
    takes: 3,
    tasks: ["say_hello"],
    labels: ["docker_flows"],
  },
];

/**
 * Writes the history into a new home. No server may run there.
 *
 * @param now When the history ends.
 */
export async function makeDemo(home: string, now: Temporal.Instant = Temporal.Now.instant()): Promise<Demo> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  let at = now;
  const store = await openStore({
    path: homeFiles(home).database,
    clock: { now: () => at, sleep: () => Promise.resolve() },
  });
  // The same history each time: pictures of it can be compared.
  let chance = 7;
  const random = () => (chance = (chance * 16807) % 2147483647) / 2147483647;
  const story = new Story(store, random, (moment) => at = moment);
  try {
    const begun = now.subtract({ hours: 48 });
    for (const name of ["billing", "docker_1_project"]) {
      await store.write((tx) =>
        createProject(tx, { name, description: name === "billing" ? "What finance relies on" : undefined }, begun)
      );
    }
    const agent = await story.agent("server-1", ["docker_flows"], now);
    await story.agent("server-2", [], now);
    await story.agent("old-laptop", ["gpu"], now.subtract({ hours: 9 }));
    const runs: Partial<Demo["runs"]> = {};
    const deployments: Deployment[] = [];
    for (const kind of KINDS) {
      const deployment = await story.deployment(kind, begun);
      deployments.push(deployment);
      for (let minutes = 48 * 60, n = 1; minutes > kind.takes / 60 + 2; minutes -= kind.every, n++) {
        const moment = now.subtract({ minutes, seconds: Math.floor(random() * 50) });
        const fails = kind.fails !== undefined && n % kind.fails[0] === 0;
        const id = await story.run(deployment, kind, moment, fails ? "fails" : "completes");
        runs[fails ? "failed" : "completed"] = kind.project === "billing"
          ? id
          : runs[fails ? "failed" : "completed"] ?? id;
      }
    }
    runs.running = await story.run(deployments[0], KINDS[0], now.subtract({ seconds: 48 }), "runs");
    runs.late = await story.run(deployments[2], KINDS[2], now.subtract({ minutes: 12 }), "waits");
    runs.waiting = await story.run(deployments[1], KINDS[1], now.add({ minutes: 20 }), "waits");
    return { runs: runs as Demo["runs"], flow: deployments[3].flow_id, deployment: deployments[0].id, agent };
  } finally {
    await store.close();
  }
}

/** Things that happen, each at its moment. */
class Story {
  readonly #store: Store;
  readonly #random: () => number;
  readonly #at: (moment: Temporal.Instant) => void;

  constructor(store: Store, random: () => number, at: (moment: Temporal.Instant) => void) {
    this.#store = store;
    this.#random = random;
    this.#at = at;
  }

  async agent(name: string, labels: string[], seen: Temporal.Instant): Promise<string> {
    const body = AgentCreate.parse({ id: newId(), name, labels, limit: 4, version: "0.1.0" });
    return (await this.#store.write((tx) => putAgent(tx, body, seen))).agent.id;
  }

  async deployment(
    { project, flow, name, every, labels, tags, schema, image, cron, about }: Kind,
    now: Temporal.Instant,
  ): Promise<Deployment> {
    const made = await this.#store.write((tx) => createFlow(tx, { name: flow, project, tags: tags ?? [] }, now));
    const body = DeploymentCreate.parse({
      name,
      flow_id: made.flow.id,
      flow_runner: { type: "docker", config: image === undefined ? {} : { image } },
      schedules: cron === undefined ? [] : [{ schedule: { cron, timezone: "Europe/Berlin" } }],
      labels,
      tags,
      description: about,
      parameter_openapi_schema: schema,
      parameters: schema === undefined ? {} : { month: "2026-11-01" },
    });
    return (await this.#store.write((tx) => putDeployment(tx, body, { now, random: this.#random }))).deployment;
  }

  /** One run, as far as it is said; tasks one after the other, those of one name at the same time. */
  async run(
    deployment: Deployment,
    kind: Kind,
    start: Temporal.Instant,
    how: "completes" | "fails" | "runs" | "waits",
  ): Promise<string> {
    const random = this.#random;
    const state = StateCreate.parse({ type: "SCHEDULED", state_details: { scheduled_time: formatInstant(start) } });
    const body = DeploymentFlowRunCreate.parse({ state });
    const made = await this.#in(start, (tx, given) => createDeploymentRun(tx, deployment.id, body, given));
    const { id } = made.run;
    if (how === "waits") return id;
    const move = (seconds: number, type: string, message?: string) =>
      this.#in(
        start.add({ milliseconds: Math.round(seconds * 1000) }),
        (tx, given) => setFlowRunState(tx, id, StateCreate.parse({ type, message }), given),
      );
    await move(0.2, "PENDING");
    await move(0.6, "RUNNING");
    const records: { at: number; level: number; message: string; task?: string }[] = [{
      at: 0.6,
      level: 20,
      message: `Beginning flow run "${made.run.name}" of "${kind.flow}"`,
    }];
    const each = kind.takes / new Set(kind.tasks).size;
    let upstream: string[] = [];
    let group: string[] = [];
    for (const [i, task] of kind.tasks.entries()) {
      if (task !== kind.tasks[i - 1]) [upstream, group] = [group, []];
      const step = [...new Set(kind.tasks)].indexOf(task);
      const begins = 0.8 + step * each;
      const ends = begins + each * (0.7 + 0.3 * random());
      const last = how === "fails" ? step === 1 : how === "runs" ? ends > 48 : false;
      const task_run = await this.#task(
        id,
        task,
        i,
        upstream,
        start,
        begins,
        last ? how === "fails" ? "FAILED" : "RUNNING" : "COMPLETED",
        ends,
      );
      group.push(task_run);
      records.push({ at: begins, level: 20, message: `Task "${task}": begins`, task: task_run });
      if (last && how === "fails") {
        records.push({
          at: ends,
          level: 40,
          message: `${kind.fails![1]}\n    at ${task} (flows/${kind.flow}.ts:21:11)`,
          task: task_run,
        });
      } else if (!last) {
        records.push({
          at: ends,
          level: step % 3 === 2 ? 30 : 20,
          message: step % 3 === 2
            ? `${Math.ceil(random() * 9)} rows were skipped: no amount`
            : `Task "${task}": ${Math.ceil(random() * 900)} rows`,
          task: task_run,
        });
      }
      if (last) break;
    }
    const took = kind.takes * (0.85 + 0.3 * random());
    if (how === "completes") await move(took + 1, "COMPLETED");
    if (how === "fails") await move(each * 2 + 1, "FAILED", kind.fails![1]);
    const logs = records.map(({ at, level, message, task }) =>
      LogCreate.parse({
        name: "flowctl.FlowRunner",
        level,
        message,
        timestamp: formatInstant(start.add({ milliseconds: Math.round(at * 1000) })),
        flow_run_id: id,
        task_run_id: task,
      })
    );
    await this.#in(start, (tx, { now }) => createLogs(tx, logs, now));
    return id;
  }

  async #task(
    flow_run_id: string,
    key: string,
    n: number,
    upstream: string[],
    start: Temporal.Instant,
    begins: number,
    end: string,
    ends: number,
  ): Promise<string> {
    const moment = (seconds: number) => start.add({ milliseconds: Math.round(seconds * 1000) });
    const body = TaskRunCreate.parse({
      flow_run_id,
      task_key: key,
      dynamic_key: String(n),
      name: `${key}-${n}`,
      task_inputs: upstream.length === 0 ? {} : { rows: upstream.map((id) => ({ input_type: "task_run", id })) },
      state: StateCreate.parse({ type: "PENDING" }),
    });
    const { run } = await this.#in(moment(begins - 0.1), (tx, given) => createTaskRun(tx, body, given));
    const move = (seconds: number, type: string) =>
      this.#in(moment(seconds), (tx, given) => setTaskRunState(tx, run.id, StateCreate.parse({ type }), given));
    await move(begins, "RUNNING");
    if (end !== "RUNNING") await move(ends, end);
    return run.id;
  }

  #in<T>(
    now: Temporal.Instant,
    work: (
      tx: Parameters<Parameters<Store["write"]>[0]>[0],
      given: { now: Temporal.Instant; random: () => number },
    ) => Promise<T>,
  ): Promise<T> {
    this.#at(now);
    return this.#store.write((tx) => work(tx, { now, random: this.#random }));
  }
}
