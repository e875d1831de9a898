/**
 * The fake API with agents and leases, and an agent over it and a fake engine.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runAgent } from "../../src/agent/agent.ts";
import { createClient } from "../../src/client/client.ts";
import { Docker } from "../../src/docker/client.ts";
import { type Claim, type Lease, LEASE_HEADER } from "../../src/domain/agents.ts";
import type { Holder, LeaseEnded } from "../../src/domain/attempts.ts";
import { FlowRunnerSpec, type FlowRunnerSpecInput } from "../../src/domain/flow_runners.ts";
import { isFinal, type StateType } from "../../src/domain/states.ts";
import { createDockerRunner, type DockerRunnerOptions } from "../../src/runners/docker_runner.ts";
import type { Runner } from "../../src/runners/runner.ts";
import { createSubprocessRunner } from "../../src/runners/subprocess_runner.ts";
import type { Clock } from "../../src/support/clock.ts";
import { systemClock } from "../../src/support/clock.ts";
import { newId } from "../../src/support/ids.ts";
import { createLog } from "../../src/support/log.ts";
import { FakeApi } from "../testing/fake_api.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { testFolder } from "../testing/files.ts";

interface ClaimBody {
  slots: number;
  runners?: string[];
  cancelling: string[];
}

/** Waits for a condition, for at most five seconds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`It never came true that ${what}`);
}

/** The fake API with claims and leases. */
export class AgentApi {
  readonly api = new FakeApi();
  readonly leases = new Map<string, Lease>();
  readonly waiting: Claim[] = [];
  readonly claims: ClaimBody[] = [];
  /** Requests that bore a lease's token: path and token. */
  readonly fenced: { path: string; token: string }[] = [];
  /** Leases that the next heartbeat calls lost. */
  readonly lost = new Set<string>();
  /** Leases that were given back. */
  readonly released = new Set<string>();
  /** What was told of each lease's container, and of its end. */
  readonly holders = new Map<string, Holder>();
  readonly ended = new Map<string, LeaseEnded>();
  /** What agents said of themselves, oldest first. */
  readonly registered: { engine_id?: string; engine?: { version: string } }[] = [];
  /** Awaited before an agent's leases are answered. */
  beforeLeases: () => Promise<unknown> = () => Promise.resolve();
  isDown = false;
  /** False: an API of before. */
  knowsEnds = true;
  #wake: (() => void)[] = [];

  /** A run that waits for an agent. */
  submit(flow_runner: FlowRunnerSpecInput, { name = "heavy-parakeet", attempt = 1 } = {}) {
    const deployment = { id: newId(), name: "example", flow_runner: FlowRunnerSpec.parse(flow_runner) };
    this.api.deployments.push(deployment);
    const run = this.api.aFlowRun({ name, deployment_id: deployment.id }, { type: "SCHEDULED" });
    const lease: Lease = {
      id: newId(),
      flow_run_id: run.id,
      agent_id: newId(),
      attempt,
      token: `token-of-${name.replaceAll(/\W+/g, "-")}`,
      started: false,
      infrastructure_pid: null,
      expires_at: "2026-11-21T22:33:58.000000+00:00",
    };
    this.waiting.push({ lease, flow_run: run, flow: {}, deployment } as unknown as Claim);
    this.change();
    return { run: { id: run.id as string }, lease };
  }

  stateOf(run: { id: string }): StateType {
    return this.api.flowRuns.find(({ id }) => id === run.id)!.state_type;
  }

  messageOf(run: { id: string }): string {
    return this.api.flowRuns.find(({ id }) => id === run.id)!.state.message;
  }

  async cancel(run: { id: string }): Promise<void> {
    await this.api.client.flowRuns.setState(run.id, { type: "CANCELLING" });
    this.change();
  }

  /** Wakes open claims. */
  change(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  readonly fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    if (this.isDown) {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) });
    }
    const path = new URL(input).pathname.replace(/^\/api/, "");
    const token = new Headers(init.headers).get(LEASE_HEADER);
    if (token !== null) this.fenced.push({ path, token });
    const text = init.body instanceof ArrayBuffer ? new TextDecoder().decode(init.body) : init.body as string;
    const body = text && !path.startsWith("/bundles") ? JSON.parse(text) : {};
    const [, noun, id, verb] = path.split("/");
    if (noun === "health") return Response.json(true);
    if (noun === "agents") {
      if (verb === "claim") return await this.#claim(body, init.signal ?? undefined);
      if (verb === "leases") {
        await this.beforeLeases();
        return Response.json([...this.leases.values()]);
      }
      if (verb === "heartbeat") {
        const renewed = body.lease_ids.filter((id: string) => !this.lost.has(id));
        return Response.json({ renewed, lost: body.lease_ids.filter((id: string) => this.lost.has(id)) });
      }
      if (verb === undefined) this.registered.push(body);
      return Response.json({ id: body.id });
    }
    if (noun === "leases") {
      if (verb === "ended" && !this.knowsEnds) return Response.json({ detail: "Not Found" }, { status: 404 });
      if (verb === "ended") {
        this.ended.set(id, body);
        return new Response(null, { status: 204 });
      }
      const lease = this.leases.get(id);
      if (lease === undefined) return Response.json({ detail: "no such lease" }, { status: 404 });
      if (verb === "started") {
        Object.assign(lease, { started: true, infrastructure_pid: body.infrastructure_pid });
        if (body.holder !== undefined) this.holders.set(id, { ...this.holders.get(id), ...body.holder });
      }
      if (verb === "release") {
        this.released.add(id);
        this.leases.delete(id);
      }
      return new Response(null, { status: 204 });
    }
    return await this.api.fetch(input, { ...init, body: text });
  };

  async #claim(body: ClaimBody, signal?: AbortSignal): Promise<Response> {
    this.claims.push(body);
    while (true) {
      signal?.throwIfAborted();
      const wanted = (claim: Claim) => body.runners?.includes(claim.deployment.flow_runner!.type);
      const claims = this.waiting.filter(wanted).slice(0, body.slots);
      const cancellations = [...this.leases.values()].filter(({ flow_run_id: id }) => {
        const run = this.api.flowRuns.find((run) => run.id === id)!;
        const mustEnd = run.state_type === "CANCELLING" || isFinal(run.state_type) && run.isForeign;
        return mustEnd && !body.cancelling.includes(id);
      }).map(({ id, flow_run_id }) => ({ lease_id: id, flow_run_id }));
      if (claims.length > 0 || cancellations.length > 0) {
        for (const claim of claims) {
          this.waiting.splice(this.waiting.indexOf(claim), 1);
          this.leases.set(claim.lease.id, claim.lease);
          await this.api.client.flowRuns.setState(claim.flow_run.id, { type: "PENDING" });
        }
        return Response.json({ claims, cancellations });
      }
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

/** An ELF header and nothing else: a "static executable" for amd64. */
export function tinyElf(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  new DataView(bytes.buffer).setUint16(18, 0x3e, true);
  new DataView(bytes.buffer).setUint16(54, 56, true);
  return bytes;
}

/** An agent in a throw-away home, over a fake API and a fake engine. `await using` stops and removes it. */
export class TestAgent {
  readonly api = new AgentApi();
  readonly engine;
  readonly folder = testFolder();
  readonly home = join(this.folder.path, "home");
  readonly lines: string[] = [];
  readonly printed: string[] = [];
  #stop = new AbortController();
  #agent: Promise<void> = Promise.resolve();
  readonly #options;

  constructor(
    options: {
      engine?: Parameters<typeof createFakeEngine>[0];
      docker?: Partial<DockerRunnerOptions>;
      command?: string[];
      limit?: number;
      isEphemeral?: boolean;
      onStarted?: () => void;
      clock?: Clock;
      runners?: string[];
      showFlowLogs?: boolean;
      maxPolls?: number;
      /** Serve the agent's own address, on a port that the system chooses. */
      address?: boolean;
      /** A real engine instead of the fake one, and the program that is put into its containers. */
      real?: { docker: Docker; own: string };
    } = {},
  ) {
    this.#options = options;
    this.engine = createFakeEngine(options.engine);
    writeFileSync(join(this.folder.path, "flowctl"), tinyElf(), { mode: 0o755 });
  }

  /** Starts an agent, as a process of its own would be. */
  start(over: Partial<DockerRunnerOptions> = {}): this {
    const {
      docker,
      command = ["true"],
      limit,
      isEphemeral,
      onStarted,
      clock = systemClock,
      runners,
      real,
      showFlowLogs,
      maxPolls,
    } = this.#options;
    const log = createLog({ write: (line) => this.lines.push(line) });
    const program = {
      version: "0.1.0",
      runtime: "bun1.4",
      own: real?.own ?? join(this.folder.path, "flowctl"),
      env: {},
    };
    const all: Runner[] = [
      createDockerRunner({
        docker: real?.docker ?? new Docker({ fetch: this.engine.fetch }),
        program,
        ...docker,
        ...over,
      }),
      createSubprocessRunner({ command }),
    ];
    this.#stop = new AbortController();
    this.#agent = runAgent({
      client: createClient({ url: "http://fake/api", fetch: this.api.fetch, tries: 1 }),
      upstream: this.api.fetch,
      runners: all.filter(({ type }) => runners?.includes(type) ?? true),
      home: this.home,
      limit,
      isEphemeral,
      showFlowLogs,
      maxPolls,
      address: this.#options.address ? { hostname: "127.0.0.1", port: 0 } : undefined,
      onStarted,
      print: (line) => this.printed.push(line),
      clock,
      random: () => 0,
      log,
      signal: this.#stop.signal,
    });
    // The failure is told by stop(); it must not end the test's process before.
    this.#agent.catch(() => {});
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#agent;
  }

  /** Resolves when the agent ends by itself. */
  get ended(): Promise<void> {
    return this.#agent;
  }

  /** Where the agent answers about itself, once it does. */
  async address(): Promise<string> {
    return await until("the agent says its address", () => {
      const found = this.lines.map((line) => /health is at (http:\S+)\/health$/.exec(line)?.[1]).find(Boolean);
      return found;
    });
  }

  /** The messages of the agent's log, without time and name. */
  get says(): string[] {
    return this.lines.map((line) => line.replace(/^.*? \| /, ""));
  }

  /** The container of that name, once it runs. */
  running(name = "heavy-parakeet") {
    return until(`container ${name} runs`, () => {
      const found = [...this.engine.containers.values()].find((one) => one.name === name);
      return found?.status === "running" && found;
    });
  }

  /** Waits until the lease was given back. */
  async released(lease: Lease): Promise<void> {
    await until("the lease was given back", () => this.api.released.has(lease.id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.folder[Symbol.dispose]();
  }
}
