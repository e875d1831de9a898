/**
 * `DeploymentSpec`: says in a flow file how a flow is to be deployed; `flowctl deployment create FILE` reads it.
 *
 * @module
 */

import { FlowctlError } from "../support/errors.ts";
import type { Flow } from "./flow.ts";
import { DockerFlowRunner, type FlowRunner } from "./flow_runners.ts";
import { checkName, checkOptions } from "./options.ts";
import { type AnyFlow, registerDeployment } from "./registry.ts";
import type { ScheduleSpec } from "./schedules.ts";
import { checkSecretName } from "./secrets.ts";

/** Options of {@link DeploymentSpec}. */
export interface DeploymentSpecOptions<P> {
  /** Unique among the flow's deployments; without any of `/ % & > <`. */
  name: string;
  /** The flow. */
  flow: Flow<P, unknown>;
  /** Where runs are started. Default: `new DockerFlowRunner()`. */
  flowRunner?: FlowRunner;
  /** What runs get unless they are given their own; by name. */
  parameters?: Partial<NoInfer<P>>;
  /** Written on every run. */
  tags?: string[];
  /** A run goes to an agent that has all of them. Default: the flow's labels. */
  labels?: string[];
  /** The namespace of the flow. Default: the flow's, else `default`. */
  project?: string;
  /** When it runs by itself; made by `cron`, `interval` or `rrule`. */
  schedule?: ScheduleSpec;
  /** Several schedules. */
  schedules?: ScheduleSpec[];
  /** Names of secrets that its runs may read with `Secret.load`, beside those in the runner's `env`. Default: the flow's. */
  secrets?: string[];
  /** A word of your own, e.g. a release. */
  version?: string;
  /** What it is for. */
  description?: string;
}

const OPTIONS = [
  "name",
  "flow",
  "flowRunner",
  "parameters",
  "tags",
  "labels",
  "project",
  "schedule",
  "schedules",
  "secrets",
  "version",
  "description",
];

/**
 * A deployment of a flow. Making one sends nothing: `flowctl deployment create FILE` finds it and creates it.
 *
 * @example
 * ```ts
 * import { cron, DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
 *
 * const myFlow = flow("my-flow", () => console.log("Hello from Docker!"));
 * const spec = new DeploymentSpec({
 *   name: "example",
 *   flow: myFlow,
 *   flowRunner: new DockerFlowRunner(),
 *   schedule: cron("0 0 * * *"),
 * });
 * console.assert(spec.name === "example");
 * ```
 */
export class DeploymentSpec<P extends object = object> {
  /** See {@link DeploymentSpecOptions.name}. */
  readonly name: string;
  /** See {@link DeploymentSpecOptions.flow}. */
  readonly flow: AnyFlow;
  /** See {@link DeploymentSpecOptions.flowRunner}. */
  readonly flowRunner: FlowRunner;
  /** See {@link DeploymentSpecOptions.parameters}. */
  readonly parameters: Record<string, unknown>;
  /** See {@link DeploymentSpecOptions.tags}. */
  readonly tags: readonly string[];
  /** Its own labels, else the flow's. */
  readonly labels: readonly string[];
  /** Its own project, else the flow's; undefined is `default`. */
  readonly project: string | undefined;
  /** `schedule` and `schedules` in one list. */
  readonly schedules: readonly ScheduleSpec[];
  /** See {@link DeploymentSpecOptions.secrets}. */
  readonly secrets: readonly string[];
  /** See {@link DeploymentSpecOptions.version}. */
  readonly version: string | undefined;
  /** See {@link DeploymentSpecOptions.description}. */
  readonly description: string | undefined;

  /** Makes one, and makes it known to `deployment create`. @throws {FlowctlError} `invalid` for an unknown option, a bad name, or a second one of that name in a file that is loaded */
  constructor(options: DeploymentSpecOptions<P>) {
    checkName("deployment", options?.name);
    const what = `deployment "${options.name}"`;
    checkOptions(what, options, OPTIONS);
    const { flow } = options;
    if (typeof flow !== "function" || flow.definition === undefined) {
      throw new FlowctlError("invalid", `Cannot make ${what}: its flow is not made by flow()`);
    }
    if (options.flowRunner !== undefined && typeof options.flowRunner.toSpec !== "function") {
      throw new FlowctlError(
        "invalid",
        `Cannot make ${what}: its flowRunner is not a DockerFlowRunner or SubprocessFlowRunner`,
      );
    }
    this.name = options.name;
    this.flow = flow as unknown as AnyFlow;
    this.flowRunner = options.flowRunner ?? new DockerFlowRunner();
    this.parameters = { ...options.parameters };
    this.tags = options.tags ?? [];
    this.labels = options.labels ?? flow.labels;
    this.project = options.project ?? flow.project;
    this.schedules = [...(options.schedule === undefined ? [] : [options.schedule]), ...(options.schedules ?? [])];
    this.secrets = options.secrets ?? flow.secrets;
    for (const name of this.secrets) checkSecretName(what, name);
    this.version = options.version;
    this.description = options.description;
    registerDeployment(this);
  }
}
