/**
 * Where a deployment's runs are started: in Docker containers, or as processes of the agent's machine.
 *
 * @module
 */

import {
  DockerRunnerConfig,
  type FlowRunnerSpecInput,
  type ImagePullPolicy,
  SubprocessRunnerConfig,
} from "../domain/flow_runners.ts";
import type { JsonObject } from "../domain/common.ts";
import type { SecretReference } from "../domain/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { checkOptions } from "./options.ts";

/** A runner. */
export interface FlowRunner {
  /** The runner as it is on the wire: `{ type, config }`, the names of `config` in snake_case. */
  toSpec(): FlowRunnerSpecInput;
}

/** Options of {@link DockerFlowRunner}. */
export interface DockerFlowRunnerOptions {
  /** The image to run. Default: flowctl's own image, of the version that made the deployment. */
  image?: string;
  /** Environment variables of the container. `EXTRA_NPM_PACKAGES: "left-pad is-odd@3"` installs packages where the run starts, `TOKEN: secret("API_TOKEN")` is a secret. */
  env?: Record<string, string | SecretReference>;
  /** Networks to connect the container to; the first one when it is created, the others before it starts. */
  networks?: string[];
  /** Docker's network mode, e.g. `none`, `host`. */
  networkMode?: string;
  /** Labels of the container, beside flowctl's own. */
  labels?: Record<string, string>;
  /** `path:container_path` or `path:container_path:ro`. */
  volumes?: string[];
  /** Remove the container as soon as it has ended and was read. Default false. */
  autoRemove?: boolean;
  /** When the image is pulled. Default: Always for no tag or `latest`, else IfNotPresent. */
  imagePullPolicy?: ImagePullPolicy;
  /** Print the run's lines in the agent's terminal. Default true. */
  streamOutput?: boolean;
  /** Memory limit: bytes, or a text such as `512m`. */
  memory?: number | string;
  /** CPUs, e.g. 1.5. */
  cpus?: number;
  /** Give the container the host's devices; an agent must allow it. */
  privileged?: boolean;
  /** Run this instead of the flow; the run follows its exit code. */
  command?: string[];
  /** Anything of the Docker Engine's create body, merged last. */
  createOptions?: JsonObject;
}

const DOCKER = {
  image: "image",
  env: "env",
  networks: "networks",
  networkMode: "network_mode",
  labels: "labels",
  volumes: "volumes",
  autoRemove: "auto_remove",
  imagePullPolicy: "image_pull_policy",
  streamOutput: "stream_output",
  memory: "memory",
  cpus: "cpus",
  privileged: "privileged",
  command: "command",
  createOptions: "create_options",
} as const satisfies Record<keyof DockerFlowRunnerOptions, keyof DockerRunnerConfig>;

const SUBPROCESS = { env: "env", cwd: "cwd" } as const satisfies Record<
  keyof SubprocessFlowRunnerOptions,
  keyof SubprocessRunnerConfig
>;

interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** Maps options to the wire's names, checked. */
function configOf(
  what: string,
  names: Record<string, string>,
  schema: Schema,
  options: object,
): Record<string, unknown> {
  checkOptions(what, options, Object.keys(names));
  const config = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined).map(([key, value]) => [names[key], value]),
  );
  const parsed = schema.safeParse(config);
  if (parsed.success) return config;
  const { path, message } = parsed.error!.issues[0];
  const option = Object.keys(names).find((key) => names[key] === path[0]) ?? String(path[0]);
  throw new FlowctlError(
    "invalid",
    `Cannot make ${what}: ${[option, ...path.slice(1)].join(".")}: ${message.replace(/\.$/, "")}`,
  );
}

/**
 * Runs flows in containers named after the flow run.
 *
 * The names and defaults are those of Prefect 2's DockerFlowRunner; `imagePullPolicy`, limits and `createOptions` are later additions.
 *
 * @example
 * ```ts
 * import { DockerFlowRunner } from "flowctl";
 *
 * const runner = new DockerFlowRunner({ image: "node:22-slim", memory: "512m", autoRemove: true });
 * console.assert(runner.toSpec().type === "docker");
 * ```
 */
export class DockerFlowRunner implements FlowRunner {
  readonly #config: Record<string, unknown>;

  /** Makes one. @throws {FlowctlError} `invalid` for an unknown option or a value of the wrong kind */
  constructor(options: DockerFlowRunnerOptions = {}) {
    this.#config = configOf("DockerFlowRunner", DOCKER, DockerRunnerConfig, options);
  }

  /** See {@link FlowRunner.toSpec}. */
  toSpec(): FlowRunnerSpecInput {
    return { type: "docker", config: this.#config as FlowRunnerSpecInput["config"] } as FlowRunnerSpecInput;
  }
}

/** Options of {@link SubprocessFlowRunner}. */
export interface SubprocessFlowRunnerOptions {
  /** Environment variables, beside the agent's; `EXTRA_NPM_PACKAGES` and secrets as for `DockerFlowRunner`. */
  env?: Record<string, string | SecretReference>;
  /** Working directory. Default: a temporary folder of the run. */
  cwd?: string;
}

/**
 * Runs flows as processes of the agent's machine.
 *
 * @example
 * ```ts
 * import { SubprocessFlowRunner } from "flowctl";
 *
 * const runner = new SubprocessFlowRunner({ env: { LEVEL: "2" } });
 * console.assert(runner.toSpec().type === "subprocess");
 * ```
 */
export class SubprocessFlowRunner implements FlowRunner {
  readonly #config: Record<string, unknown>;

  /** Makes one. @throws {FlowctlError} `invalid` for an unknown option or a value of the wrong kind */
  constructor(options: SubprocessFlowRunnerOptions = {}) {
    this.#config = configOf("SubprocessFlowRunner", SUBPROCESS, SubprocessRunnerConfig, options);
  }

  /** See {@link FlowRunner.toSpec}. */
  toSpec(): FlowRunnerSpecInput {
    return { type: "subprocess", config: this.#config } as FlowRunnerSpecInput;
  }
}
