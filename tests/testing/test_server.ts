/**
 * The API in this process, on a database of its own, with a clock that tests set, and things to begin a test with.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Api, createApi, type PageHandler } from "../../src/api/app.ts";
import { createAuth } from "../../src/api/auth.ts";
import { createSessions, type Sessions } from "../../src/api/sessions.ts";
import { type Client, createClient } from "../../src/client/client.ts";
import type { Deployment, DeploymentCreate } from "../../src/domain/deployments.ts";
import type { Flow, FlowCreate } from "../../src/domain/flows.ts";
import type { FlowRun, FlowRunCreate } from "../../src/domain/flow_runs.ts";
import type { StateCreate, StateType } from "../../src/domain/states.ts";
import type { BinaryOffer } from "../../src/images/binaries.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import type { Clock } from "../../src/support/clock.ts";
import { createLog } from "../../src/support/log.ts";
import { openSecretBox } from "../../src/support/secret_box.ts";

/** A clock that stands still until it is told to go on; sleepers wake when their time has come. */
export interface SettableClock extends Clock {
  advance(seconds: number): void;
  /** How many wait; a test waits for this and never for time. */
  readonly sleepers: number;
}

/** When {@link settableClock} begins. */
export const BEGINNING = "2026-11-21T22:33:58Z";

/** Makes a {@link SettableClock}. */
export function settableClock(start: string = BEGINNING): SettableClock {
  let now = Temporal.Instant.from(start);
  const sleeping = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        const wake = () => {
          sleeping.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { until: now.epochMilliseconds + ms, wake };
        sleeping.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    advance(seconds) {
      now = now.add({ milliseconds: Math.round(seconds * 1000) });
      for (const { until, wake } of [...sleeping]) if (until <= now.epochMilliseconds) wake();
    },
    get sleepers() {
      return sleeping.size;
    },
  };
}

/** An answer, read. */
export interface Answer {
  status: number;
  // deno-lint-ignore no-explicit-any -- tests look into it
  body: any;
  text: string;
  headers: Headers;
}

/** See {@link startTestServer}. */
export interface TestServer extends AsyncDisposable {
  api: Api;
  client: Client;
  store: Store;
  clock: SettableClock;
  /** Stops long polls. */
  drain: AbortController;
  /** Browsers that signed in. */
  sessions: Sessions;
  /** Closes the database; what asks for it then fails. */
  closeStore(): Promise<void>;
  /** What was logged. */
  lines: string[];
  /** A client that speaks on behalf of a lease. */
  clientOf(leaseToken: string): Client;
  /**
   * A raw request to `/api…` or another path; an object is sent as JSON, a text as it is.
   *
   * @param address Where it comes from; by default from within this process.
   */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    address?: string,
  ): Promise<Answer>;
  aFlow(flow?: Partial<FlowCreate>): Promise<Flow>;
  /** A flow run that was forced into a state. */
  aFlowRun(run?: Partial<Omit<FlowRunCreate, "state">> & { state?: StateType | StateCreate }): Promise<FlowRun>;
  aDeployment(deployment?: Partial<DeploymentCreate>): Promise<Deployment>;
}

/**
 * Starts one. Dispose of it with `await using`.
 *
 * @example
 * ```ts
 * await using server = await startTestServer();
 * const run = await server.aFlowRun({ state: "RUNNING" });
 * console.assert((await server.client.flowRuns.read(run.id)).state_type === "RUNNING");
 * ```
 */
export async function startTestServer(
  { loopback = "trust", homeToken, ...parts }: {
    binaries?: BinaryOffer;
    page?: PageHandler;
    loopback?: "trust" | "require";
    homeToken?: string;
  } = {},
): Promise<TestServer> {
  const clock = settableClock();
  const store = await openStore({ path: ":memory:", clock });
  let closed: Promise<void> | undefined;
  const drain = new AbortController();
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), clock });
  let chance = 0;
  const random = () => (chance = (chance * 16807 + 12345) % 2147483647) / 2147483647;
  const sessions = createSessions({ clock, instance: crypto.randomUUID() });
  const auth = createAuth({ store, clock, loopback, homeToken, sessions });
  const version = "0.0.0-test";
  // Made with the first secret.
  const key = join(tmpdir(), `flowctl-test-${crypto.randomUUID()}.key`);
  const secrets = openSecretBox(key);
  // The page to sign in names files; bundling them is for tests about them.
  const assets = () => Promise.resolve(new Map());
  const api = createApi({
    store,
    clock,
    random,
    log,
    secrets,
    version,
    drain: drain.signal,
    auth,
    sessions,
    assets,
    ...parts,
  });
  const fetch = (url: string, init?: RequestInit) => api.fetch(new Request(url, init));
  const url = "http://localhost/api";
  const client = createClient({ url, fetch, tries: 1, clock, random });
  const server: TestServer = {
    api,
    client,
    store,
    clock,
    drain,
    sessions,
    closeStore: () => closed ??= store.close(),
    lines,
    clientOf: (leaseToken) => createClient({ url, fetch, leaseToken, tries: 1, clock, random }),
    async send(method, path, body, headers = {}, address) {
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const type: Record<string, string> = text === undefined ? {} : { "content-type": "application/json" };
      const init = { method, body: text, headers: { ...type, ...headers } };
      const request = new Request(`http://localhost${path}`, init);
      const response = await (address === undefined ? api.fetch(request) : api.fetch(request, { address }));
      const answered = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json");
      return {
        status: response.status,
        body: isJson && answered !== "" ? JSON.parse(answered) : answered,
        text: answered,
        headers: response.headers,
      };
    },
    aFlow: (flow) => client.flows.create({ name: "my-flow", ...flow }),
    async aFlowRun({ state, ...run } = {}) {
      const flow_id = run.flow_id ?? (await server.aFlow()).id;
      const given = typeof state === "string" ? { type: state } : state;
      return await client.flowRuns.create({ flow_id, ...run, ...(given === undefined ? {} : { state: given }) });
    },
    async aDeployment(deployment) {
      const flow_id = deployment?.flow_id ?? (await server.aFlow()).id;
      return await client.deployments.create({ name: "example", flow_id, ...deployment });
    },
    async [Symbol.asyncDispose]() {
      drain.abort();
      await server.closeStore();
      rmSync(key, { force: true });
    },
  };
  return server;
}
