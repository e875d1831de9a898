/**
 * `flow()`: makes a function a flow.
 *
 * @module
 */

import process from "node:process";
import { currentScope } from "../engine/context.ts";
import type { FlowContext, FlowDefinition } from "../engine/definitions.ts";
import { runSubFlow } from "../engine/sub_flows.ts";
import type { JsonObject } from "../domain/common.ts";
import { FlowctlError } from "../support/errors.ts";
import { callFlow } from "./call_flow.ts";
import type { FlowRunner } from "./flow_runners.ts";
import type { Docker } from "./docker_storage.ts";
import { rememberSource } from "./flow_sources.ts";
import { checkName, checkNumber, checkOptions } from "./options.ts";
import {
  type JsonSchema,
  jsonSchemaOf,
  type ParameterSchema,
  preparation,
  type StandardSchemaV1,
} from "./parameters.ts";
import type { RegisterOptions } from "./register.ts";
import { isCollecting, registerFlow } from "./registry.ts";
import type { ScheduleSpec } from "./schedules.ts";
import { checkSecretName } from "./secrets.ts";

/** Options of {@link flow}. */
export interface FlowOptions {
  /** What the flow is for, in a sentence or more. */
  description?: string;
  /** A word that is written on every run; flowctl does not interpret it. */
  version?: string;
  /** How often a failed run is tried again. Default 0. The server counts. */
  retries?: number;
  /** Seconds before each retry. Default 0. */
  retryDelaySeconds?: number;
  /** Seconds after which a run is Failed, with the state name TimedOut. Default: no limit. */
  timeoutSeconds?: number;
  /** Written on every run that is made by calling the flow. */
  tags?: string[];
  /** Labels of the flow's deployments, unless these have their own: a run goes to an agent that has them all. */
  labels?: string[];
  /** The namespace of the flow. Default `default`. */
  project?: string;
  /** Where its runs are started when it is registered. Default: `new DockerFlowRunner()`. */
  flowRunner?: FlowRunner;
  /** When it runs by itself once it is registered; made by `cron`, `interval` or `rrule`. */
  schedule?: ScheduleSpec;
  /** Several schedules. */
  schedules?: ScheduleSpec[];
  /** Names of secrets that its runs may read with `Secret.load`, beside those in the runner's `env`; for deployments the default. */
  secrets?: string[];
  /** Where its code is kept when it is registered: `new Docker()` of `"flowctl/storage"`. Default: in the API, as a bundle. */
  storage?: Docker;
}

/** The arguments of a flow: none when all its parameters are optional. */
// deno-lint-ignore ban-types -- `{}` is what an optional object extends
export type FlowArguments<P> = {} extends P ? [parameters?: P] : [parameters: P];

/**
 * A flow: call it with one object of parameters.
 *
 * Called inside of another flow it is a sub-flow run; called in a plain file it runs here and is reported to the API in use. It
 * resolves with what the function returns and rejects with what it throws (a `FlowctlError` with the codes `invalid` for parameters,
 * `timeout`, `cancelled`).
 *
 * @typeParam P The parameters.
 * @typeParam R What it returns, without its promise.
 */
export interface Flow<P, R> {
  (...args: FlowArguments<P>): Promise<R>;
  /** The name, unique in its project. */
  readonly name: string;
  /** See {@link FlowOptions.project}. */
  readonly project: string | undefined;
  /** See {@link FlowOptions.labels}. */
  readonly labels: readonly string[];
  /** See {@link FlowOptions.flowRunner}. */
  readonly flowRunner: FlowRunner | undefined;
  /** `schedule` and `schedules` in one list. */
  readonly schedules: readonly ScheduleSpec[];
  /** See {@link FlowOptions.secrets}. */
  readonly secrets: readonly string[];
  /** See {@link FlowOptions.storage}. */
  readonly storage: Docker | undefined;
  /** The function itself: calling it makes no run. */
  readonly fn: (parameters: P, context: FlowContext) => R | Promise<R>;
  /** The JSON Schema of the parameters, when it is known. */
  readonly parameterSchema: JsonObject | undefined;
  /** What the engine runs. */
  readonly definition: FlowDefinition;
  /** Calls it: another word for the flow itself. */
  run(...args: FlowArguments<P>): Promise<R>;
  /**
   * Registers it with the API in use: its code and options become a version of it, which `flowctl run` runs. An unchanged flow is
   * left as it is, and nothing is built. Prints where it is.
   *
   * While a file is loaded by `flowctl register` or `flowctl build` this is a warning and does nothing.
   *
   * @returns The id of the version; empty while a file is loaded.
   * @throws {FlowctlError} `not_found` for a project that does not exist, and what building its storage throws
   */
  register(options: RegisterOptions): Promise<string>;
}

const OPTIONS = [
  "description",
  "version",
  "retries",
  "retryDelaySeconds",
  "timeoutSeconds",
  "tags",
  "labels",
  "project",
  "flowRunner",
  "schedule",
  "schedules",
  "secrets",
  "storage",
  "parameters",
];

/**
 * Makes a function a flow.
 *
 * @param name Unique in its project and in its file; without any of `/ % & > <`.
 * @param fn Gets one object of parameters, and a {@link FlowContext} with the run and an `AbortSignal`.
 * @param options `parameters` is a Standard Schema (zod and others) or a JSON Schema and validates; else nothing is validated.
 * @throws {FlowctlError} `invalid` for an unknown option, a bad name, or a second flow of that name in a file that is loaded.
 *
 * @example A flow with checked parameters
 * ```ts
 * import { z } from "zod";
 * import { flow } from "flowctl";
 *
 * const greet = flow("greet", ({ name }) => `Hello, ${name}`, {
 *   parameters: z.object({ name: z.string().default("world") }),
 *   retries: 2,
 * });
 * console.assert(greet.name === "greet");
 * console.assert(greet.fn({ name: "you" }, undefined as never) === "Hello, you");
 * ```
 */
export function flow<S extends StandardSchemaV1, R>(
  name: string,
  fn: (parameters: StandardSchemaV1.InferOutput<S>, context: FlowContext) => R,
  options: FlowOptions & { parameters: S },
): Flow<StandardSchemaV1.InferInput<S>, Awaited<R>>;
/** A flow whose parameters have the type that its function declares; a JSON Schema, when given, checks them. */
export function flow<R, P extends object = Record<string, never>>(
  name: string,
  fn: (parameters: P, context: FlowContext) => R,
  options?: FlowOptions & { parameters?: JsonSchema },
): Flow<P, Awaited<R>>;
export function flow(
  name: string,
  fn: (parameters: never, context: FlowContext) => unknown,
  options: FlowOptions & { parameters?: ParameterSchema } = {},
): Flow<never, unknown> {
  checkName("flow", name);
  checkOptions(`flow "${name}"`, options, OPTIONS);
  for (const option of ["retries", "retryDelaySeconds", "timeoutSeconds"] as const) {
    checkNumber(`flow "${name}"`, option, options[option]);
  }
  if (options.flowRunner !== undefined && typeof options.flowRunner?.toSpec !== "function") {
    throw new FlowctlError(
      "invalid",
      `Cannot make flow "${name}": its flowRunner is not a DockerFlowRunner or SubprocessFlowRunner`,
    );
  }
  for (const secret of options.secrets ?? []) checkSecretName(`flow "${name}"`, secret);
  if (options.storage !== undefined && typeof options.storage?.addFlow !== "function") {
    throw new FlowctlError("invalid", `Cannot make flow "${name}": its storage is not made by new Docker()`);
  }
  const definition: FlowDefinition = {
    name,
    fn: fn as FlowDefinition["fn"],
    version: options.version,
    description: options.description,
    retries: options.retries ?? 0,
    retryDelaySeconds: options.retryDelaySeconds ?? 0,
    timeoutSeconds: options.timeoutSeconds,
    tags: options.tags ?? [],
    project: options.project,
    prepare: preparation(name, options.parameters),
  };
  const call = async (parameters: unknown = {}): Promise<unknown> => {
    const scope = currentScope();
    if (scope !== undefined) return await runSubFlow(definition, parameters, scope);
    if (!isCollecting()) return await callFlow(definition, parameters);
    // As Prefect does: a file that is loaded for its deployments must not run its flows.
    process.stderr.write(`Flow '${name}' is not run while its file is loaded; call it under "if (import.meta.main)"\n`);
    return undefined;
  };
  const properties = {
    name,
    fn,
    definition,
    project: options.project,
    labels: options.labels ?? [],
    flowRunner: options.flowRunner,
    schedules: [...(options.schedule === undefined ? [] : [options.schedule]), ...(options.schedules ?? [])],
    secrets: options.secrets ?? [],
    run: call,
    register: async (given: RegisterOptions) => await (await import("./register.ts")).register(made, given),
    storage: options.storage,
    parameterSchema: jsonSchemaOf(options.parameters),
  };
  for (const [key, value] of Object.entries(properties)) Object.defineProperty(call, key, { value, enumerable: true });
  const made = call as unknown as Flow<never, unknown>;
  rememberSource(made);
  registerFlow(made);
  return made;
}
