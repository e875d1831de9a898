/**
 * One of the two servers that are compared, and what it answered.
 *
 * @module
 */

/** JSON that scenarios look into. */
// deno-lint-ignore no-explicit-any -- the answers of two servers
export type Answered = any;

/** One request with its answer. */
export interface Exchange {
  /** What the request is for; the two servers' exchanges are matched by their order and checked by this. */
  what: string;
  request: string;
  status: number;
  /** When, in milliseconds. */
  sent: number;
  body: Answered;
  headers: Record<string, string>;
}

/** How a request is sent and its answer is looked at. */
export interface SendOptions {
  headers?: Record<string, string>;
  /** Sent as it is, instead of JSON. */
  raw?: string;
  /** What of the answer is compared; default all. */
  as?: (body: Answered) => unknown;
  /** Answers that only prepare something: a failure is noticed, the body is not compared. */
  quiet?: boolean;
}

/** A scenario: a list of requests, made of what the same server answered before. */
export interface Scenario {
  name: string;
  run(t: Target): Promise<void>;
}

const COMPARED_HEADERS = ["location", "retry-after"];

/** See the module's comment. */
export class Target {
  readonly exchanges: Exchange[] = [];
  /** When the scenario began, on the server's clock (which is this machine's). */
  readonly began = Date.now();

  constructor(readonly base: string) {}

  /** An instant so many seconds from the beginning of the scenario, as it is sent. */
  at(seconds: number): string {
    return new Date(this.began + seconds * 1000).toISOString().replace("Z", "+00:00");
  }

  /** An instant so many seconds from now, as it is sent. */
  soon(seconds: number): string {
    return new Date(Date.now() + seconds * 1000).toISOString().replace("Z", "+00:00");
  }

  /** Sends a request to a path below `/api` (or below the root, when it begins with `//`) and notes the answer. */
  async send(
    what: string,
    method: string,
    path: string,
    body?: unknown,
    options: SendOptions = {},
  ): Promise<Answered> {
    const text = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const url = path.startsWith("//") ? `${this.base}${path.slice(1)}` : `${this.base}/api${path}`;
    const type: Record<string, string> = text === undefined ? {} : { "content-type": "application/json" };
    const init = { method, body: text, headers: { ...type, ...options.headers }, redirect: "manual" as const };
    let sent = Date.now();
    let response = await fetch(url, init);
    // Prefect's database is now and then locked; its client tries again, too.
    for (let tries = 0; response.status === 503 && tries < 3; tries++) {
      await response.body?.cancel();
      sent = Date.now();
      response = await fetch(url, init);
    }
    const answered = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") && answered !== "";
    const parsed = isJson ? JSON.parse(answered) : answered;
    const headers: Record<string, string> = {};
    for (const name of COMPARED_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) headers[name] = value.replace(this.base, "");
    }
    this.exchanges.push({
      what,
      request: `${method} ${path}${text === undefined ? "" : ` ${text.slice(0, 400)}`}`,
      status: response.status,
      sent,
      body: options.quiet ? null : options.as && response.ok ? options.as(parsed) : parsed,
      headers,
    });
    return parsed;
  }

  /** See {@link send}. */
  get = (what: string, path: string, options?: SendOptions): Promise<Answered> =>
    this.send(what, "GET", path, undefined, options);

  /** See {@link send}. */
  post = (what: string, path: string, body?: unknown, options?: SendOptions): Promise<Answered> =>
    this.send(what, "POST", path, body, options);

  /** See {@link send}. */
  patch = (what: string, path: string, body?: unknown, options?: SendOptions): Promise<Answered> =>
    this.send(what, "PATCH", path, body, options);

  /** See {@link send}. */
  delete = (what: string, path: string, options?: SendOptions): Promise<Answered> =>
    this.send(what, "DELETE", path, undefined, options);

  /** A flow, made without being compared. */
  flow = (name: string, tags: string[] = []): Promise<Answered> =>
    this.post(`flow ${name}`, "/flows/", { name, tags }, { quiet: true });

  /** A flow run, made without being compared. */
  flowRun = (flow_id: string, body: Record<string, unknown> = {}): Promise<Answered> =>
    this.post(`run ${body.name ?? ""}`, "/flow_runs/", { flow_id, ...body }, { quiet: true });

  /** A task run, made without being compared. */
  taskRun = (flow_run_id: string | null, body: Record<string, unknown> = {}): Promise<Answered> =>
    this.post(`task run ${body.name ?? ""}`, "/task_runs/", {
      flow_run_id,
      task_key: "add",
      dynamic_key: `${body.name ?? 0}`,
      ...body,
    }, { quiet: true });

  /** A deployment, made without being compared. */
  deployment = (flow_id: string, body: Record<string, unknown> = {}): Promise<Answered> =>
    this.post(`deployment ${body.name ?? "d"}`, "/deployments/", { name: "d", flow_id, ...body }, { quiet: true });

  /** Proposes a state; a text is a type. */
  state = (
    what: string,
    kind: "flow_runs" | "task_runs",
    id: string,
    state: unknown,
    more: Record<string, unknown> = {},
  ): Promise<Answered> =>
    this.post(what, `/${kind}/${id}/set_state`, {
      state: typeof state === "string" ? { type: state } : state,
      ...more,
    });
}
