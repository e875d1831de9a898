/**
 * A small API in memory, shaped like `fetch`: enough of the peer's rules to run flows against, and a list of what was asked.
 *
 * It is not the server; `tests/server` proves that the two agree.
 *
 * @module
 */

import { createClient } from "../../src/client/client.ts";
import { bundleHash } from "../../src/domain/bundles.ts";
import type { LogCreate } from "../../src/domain/logs.ts";
import { emptyStateDetails, isFinal, type State, type StateCreate } from "../../src/domain/states.ts";
import { type Clock, formatInstant, systemClock } from "../../src/support/clock.ts";
import { newId } from "../../src/support/ids.ts";

// deno-lint-ignore no-explicit-any -- a stand-in for a database row
type Row = Record<string, any>;
type Answer = { status: number; body?: unknown; text?: string };

/** What a test may change, and what it looks at. */
export class FakeApi {
  readonly requests: string[] = [];
  readonly flows: Row[] = [];
  readonly flowRuns: Row[] = [];
  readonly taskRuns: Row[] = [];
  readonly deployments: Row[] = [];
  readonly bundles = new Map<string, string>();
  readonly logs: LogCreate[] = [];
  readonly states: { subject: string; type: string; name: string; message: string | null }[] = [];
  /** Answers instead of the API, when it answers something; a throw is a lost connection. */
  intercept: (method: string, path: string, body: Row) => Answer | undefined = () => undefined;
  /** Called after a request was carried out; a throw loses the answer. */
  after: (method: string, path: string) => void = () => {};

  constructor(readonly clock: Clock = systemClock) {}

  readonly fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    const method = init.method ?? "GET";
    const path = input.replace(/^https?:\/\/[^/]+\/api/, "").replace(/\?.*$/, "");
    this.requests.push(`${method} ${path}`);
    const text = typeof init.body === "string" ? init.body : "";
    const body = text === "" || path.startsWith("/bundles") ? {} : JSON.parse(text);
    const answer = this.intercept(method, path, body) ?? this.#route(method, path, body, text);
    this.after(method, path);
    const content = answer.text ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
    return new Response(content, { status: answer.status });
  };

  /** A client that does not wait between tries. */
  get client() {
    return createClient({
      url: "http://fake/api",
      fetch: this.fetch,
      clock: { ...this.clock, sleep: async () => {} },
      tries: 1,
    });
  }

  /** The messages of a run's records, by logger's name when one is given. */
  messages(name?: string): string[] {
    return this.logs.filter((log) => name === undefined || log.name === name).map((log) => log.message);
  }

  /** Adds a flow run in a state. */
  aFlowRun(row: Row = {}, state: StateCreate = { type: "PENDING" }): Row {
    const run: Row = {
      id: newId(),
      name: "heavy-parakeet",
      flow_id: newId(),
      deployment_id: null,
      parameters: {},
      tags: [],
      run_count: 0,
      attempt: 0,
      project: "default",
      empirical_policy: { retries: 0, retry_delay: 0 },
      parent_task_run_id: null,
      ...row,
    };
    this.flowRuns.push(run);
    this.#store(run, "flow", state);
    return run;
  }

  #route(method: string, path: string, body: Row, text: string): Answer {
    const [, noun, id, verb] = path.split("/");
    if (path === "/flows/") {
      const found = this.flows.find((flow) => flow.name === body.name && flow.project === (body.project ?? "default"));
      if (found) return { status: 200, body: found };
      const flow = { id: newId(), name: body.name, project: body.project ?? "default", tags: [] };
      this.flows.push(flow);
      return { status: 201, body: flow };
    }
    if (path === "/logs/") {
      for (const log of body as unknown as LogCreate[]) {
        const isKnown = this.logs.some((known) => known.key === log.key && known.flow_run_id === log.flow_run_id);
        if (!isKnown) this.logs.push(log);
      }
      return { status: 201, body: null };
    }
    if (noun === "bundles") {
      if (method === "PUT") {
        this.bundles.set(id, text);
        return { status: bundleHash(text) === id ? 201 : 409 };
      }
      const found = this.bundles.get(id);
      if (found === undefined) return { status: 404, body: { detail: "Bundle not found" } };
      return verb === "exists" ? { status: 204 } : { status: 200, text: found };
    }
    if (path === "/deployments/") {
      const deployment = { id: newId(), ...body };
      this.deployments.push(deployment);
      return { status: 201, body: deployment };
    }
    if (path === "/flow_runs/") return { status: 201, body: this.aFlowRun(body, body.state ?? { type: "PENDING" }) };
    if (path === "/flow_runs/filter") {
      const parents: string[] = body.flow_runs?.parent_task_run_id?.any_ ?? [];
      return { status: 200, body: this.flowRuns.filter((run) => parents.includes(run.parent_task_run_id)) };
    }
    if (path === "/task_runs/") {
      const found = this.taskRuns.find((run) =>
        run.flow_run_id === body.flow_run_id && run.task_key === body.task_key && run.dynamic_key === body.dynamic_key
      );
      if (found) return { status: 200, body: found };
      const run: Row = { run_count: 0, ...body, id: body.id ?? newId() };
      this.taskRuns.push(run);
      this.#store(run, "task", body.state);
      return { status: 201, body: run };
    }
    const rows: Row[] =
      { flow_runs: this.flowRuns, task_runs: this.taskRuns, deployments: this.deployments, flows: this.flows }[
        noun
      ] ?? [];
    const row = rows.find((row) => row.id === id);
    if (row === undefined) return { status: 404, body: { detail: `${path} not found` } };
    if (verb === "set_state") {
      return { status: 201, body: this.#propose(row, noun === "flow_runs" ? "flow" : "task", body.state) };
    }
    if (method === "PATCH") Object.assign(row, body);
    return { status: 200, body: row };
  }

  #propose(run: Row, kind: "flow" | "task", state: StateCreate): unknown {
    const current: State = run.state;
    const reject = (reason: string) => ({
      status: "REJECT",
      state: run.state,
      details: { type: "reject_details", reason },
    });
    const abort = (reason: string) => ({
      status: "ABORT",
      state: run.state,
      details: { type: "abort_details", reason },
    });
    if (kind === "flow" && ["CANCELLING", "CANCELLED"].includes(current.type) && state.type !== "CANCELLED") {
      return reject("Cannot transition flows that are cancelling to a state other than Cancelled.");
    }
    if (kind === "task" && state.type === "RUNNING") {
      const flowRun = this.flowRuns.find((flowRun) => flowRun.id === run.flow_run_id);
      if (flowRun?.state_type !== "RUNNING") {
        return abort("The enclosing flow must be running to begin task execution.");
      }
    }
    const data = current.data as { type?: string } | null;
    if (current.type === "COMPLETED" && data?.type === "literal" && !isFinal(state.type)) {
      return reject("This run is already completed.");
    }
    const due = current.state_details.scheduled_time;
    if (state.type === "RUNNING" && due !== null) {
      const seconds = Math.floor(
        (Temporal.Instant.from(due).epochMilliseconds - this.clock.now().epochMilliseconds) / 1000,
      );
      if (seconds > 0) {
        return {
          status: "WAIT",
          state: run.state,
          details: { type: "wait_details", delay_seconds: seconds, reason: "Scheduled time is in the future" },
        };
      }
    }
    if (
      current.type === "RUNNING" && state.type === "FAILED" && run.run_count <= (run.empirical_policy?.retries ?? 0)
    ) {
      const delays = [run.empirical_policy.retry_delay ?? 0].flat();
      const delay = delays[Math.min(run.run_count - 1, delays.length - 1)] ?? 0;
      const at = formatInstant(this.clock.now().add({ milliseconds: Math.round(delay * 1000) }));
      this.#store(run, kind, { ...state, type: "SCHEDULED", name: "AwaitingRetry" }, at);
      return reject("Retrying");
    }
    this.#store(run, kind, state);
    return { status: "ACCEPT", state: run.state, details: { type: "accept_details" } };
  }

  #store(run: Row, kind: string, state: StateCreate, scheduledTime?: string): void {
    if (state.type === "RUNNING") run.run_count++;
    const name = state.name ?? state.type[0] + state.type.slice(1).toLowerCase();
    run.state = {
      id: newId(),
      type: state.type,
      name,
      timestamp: formatInstant(this.clock.now()),
      message: state.message ?? null,
      data: state.data ?? null,
      state_details: {
        ...emptyStateDetails(),
        ...state.state_details,
        scheduled_time: scheduledTime ?? state.state_details?.scheduled_time ?? null,
      },
    };
    run.state_type = state.type;
    run.state_name = name;
    this.states.push({
      subject: `${kind}:${run.name ?? run.id}`,
      type: state.type,
      name,
      message: state.message ?? null,
    });
  }
}
