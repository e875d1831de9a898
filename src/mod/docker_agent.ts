/**
 * An agent started from code, as Prefect 1's `DockerAgent` is.
 *
 * @module
 */

import process from "node:process";
import { FlowctlError } from "../support/errors.ts";

/** Options of a {@link DockerAgent}; those of `flowctl agent docker start`. */
export interface DockerAgentOptions {
  /** Address of the Docker Engine; default: `DOCKER_HOST`, the docker context, the local one. */
  baseUrl?: string;
  /** It takes flow runs whose labels are all among these; without any, those without labels. */
  labels?: readonly string[];
  /** Its name; default: the machine's. */
  name?: string;
  /** Never pull images; use those that the engine has. */
  noPull?: boolean;
  /** Variables of every flow. */
  env?: Readonly<Record<string, string>>;
  /** `SOURCE:TARGET[:OPTIONS]` of every container. */
  volumes?: readonly string[];
  /** Networks of the engine that every container is on. */
  networks?: readonly string[];
  /** Print the lines of all flow runs. */
  showFlowLogs?: boolean;
  /** Token for the API; default: `FLOWCTL__CLOUD__AGENT__AUTH_TOKEN`, then `FLOWCTL_API_KEY`. */
  token?: string;
  /** Address of the API, e.g. `http://127.0.0.1:4200/api`; default: the API that commands use. */
  api?: string;
  /** Start at most so many flow runs at once. */
  limit?: number;
}

/**
 * Takes flow runs and starts them in containers of this machine.
 *
 * @example
 * ```ts
 * import { DockerAgent } from "flowctl";
 *
 * const agent = new DockerAgent({ labels: ["docker_flows"], noPull: true });
 * if (import.meta.main) await agent.start();
 * ```
 */
export class DockerAgent {
  readonly #options: DockerAgentOptions;

  /**
   * Makes an agent; nothing is connected to before {@link DockerAgent.start}.
   *
   * @throws FlowctlError `invalid` for options that it does not have, or of a wrong kind.
   */
  constructor(options: DockerAgentOptions = {}) {
    for (const [name, isRight] of Object.entries(KINDS)) {
      const value: unknown = options[name as keyof DockerAgentOptions];
      if (value === undefined || isRight(value)) continue;
      throw new FlowctlError("invalid", `Cannot make a DockerAgent: "${name}" is of a wrong kind`);
    }
    const unknown = Object.keys(options).find((name) => !(name in KINDS));
    if (unknown !== undefined) {
      throw new FlowctlError("invalid", `Cannot make a DockerAgent: it has no option "${unknown}"`, {
        hint: `Options are: ${Object.keys(KINDS).join(", ")}`,
      });
    }
    this.#options = { ...options };
  }

  /**
   * Runs until it is stopped: by the signal, or without one by Ctrl-C or SIGTERM. Containers go on then.
   *
   * @throws FlowctlError when no engine answers, a network is missing, or another agent runs on this home.
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const [{ startAgent }, { connect }, { readSettings }, { createLog }, { systemClock }] = await Promise.all([
      import("../agent/start_agent.ts"),
      import("../server/connect.ts"),
      import("../config/settings.ts"),
      import("../support/log.ts"),
      import("../support/clock.ts"),
    ]);
    const { api, token = process.env.FLOWCTL__CLOUD__AGENT__AUTH_TOKEN || undefined, ...options } = this.#options;
    const env = {
      ...process.env,
      ...api === undefined ? {} : { FLOWCTL_API_URL: api },
      ...token === undefined ? {} : { FLOWCTL_API_KEY: token },
    };
    const settings = readSettings(env);
    const log = createLog({ level: settings.logLevel, write: (line) => void process.stderr.write(`${line}\n`) });
    const agentLog = log.named("Agent");
    const labels = [...options.labels ?? []];
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    if (signal === undefined) { for (const name of SIGNALS) process.once(name, interrupt); }
    const connection = await connect({ settings, log });
    try {
      await startAgent({
        client: connection.client,
        upstream: connection.fetch,
        env,
        name: options.name,
        labels,
        limit: options.limit,
        pull: !options.noPull,
        baseUrl: options.baseUrl,
        requireEngine: true,
        allow: [],
        networks: [...options.networks ?? []],
        volumes: [...options.volumes ?? []],
        flowEnv: { ...options.env },
        showFlowLogs: options.showFlowLogs ?? false,
        isEphemeral: connection.mode === "ephemeral",
        print: (line) => void process.stdout.write(`${line}\n`),
        onChecked: () =>
          agentLog.info(`Starting DockerAgent with labels [${labels.map((one) => `'${one}'`).join(", ")}]`),
        onStarted: () => agentLog.info("Waiting for flow runs..."),
        random: Math.random,
        log: agentLog,
        clock: systemClock,
        signal: signal ?? interrupted.signal,
      });
    } finally {
      for (const name of SIGNALS) process.off(name, interrupt);
      await connection.close();
    }
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const isText = (value: unknown) => typeof value === "string";
const isFlag = (value: unknown) => typeof value === "boolean";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const KINDS: Record<keyof DockerAgentOptions, (value: unknown) => boolean> = {
  baseUrl: isText,
  labels: isTexts,
  name: isText,
  noPull: isFlag,
  env: (value) => typeof value === "object" && value !== null && Object.values(value).every(isText),
  volumes: isTexts,
  networks: isTexts,
  showFlowLogs: isFlag,
  token: isText,
  api: isText,
  limit: (value) => Number.isSafeInteger(value) && Number(value) > 0,
};
