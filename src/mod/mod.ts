/**
 * What user code imports as `"flowctl"`: flows and tasks, deployments, runners, schedules.
 *
 * @example
 * ```ts
 * import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
 *
 * const myFlow = flow("my-flow", () => {
 *   console.log("Hello from Docker!");
 * });
 *
 * new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new DockerFlowRunner() });
 * ```
 *
 * @module
 */

import { setClientProvider } from "../sdk/client_provider.ts";
import { openClient } from "./open_client.ts";

export type { SecretReference } from "../domain/secrets.ts";
export type { FlowRun } from "../domain/flow_runs.ts";
export type { FlowRunnerSpecInput, ImagePullPolicy } from "../domain/flow_runners.ts";
export type { JsonObject, JsonValue } from "../domain/common.ts";
export type { State, StateDetails, StateType } from "../domain/states.ts";
export type { FlowContext, FlowDefinition } from "../engine/definitions.ts";
export { TaskFuture } from "../engine/futures.ts";
export { Docker as DockerStorage, type DockerBuildCall } from "../sdk/docker_storage.ts";
export type { DockerBuildOptions, DockerStorageOptions, DockerTlsFiles } from "../sdk/docker_storage_options.ts";
export type { DockerStorageInfo } from "../domain/storage.ts";
export { DeploymentSpec, type DeploymentSpecOptions } from "../sdk/deployment_spec.ts";
export { type Flow, flow, type FlowArguments, type FlowOptions } from "../sdk/flow.ts";
export {
  DockerFlowRunner,
  type DockerFlowRunnerOptions,
  type FlowRunner,
  SubprocessFlowRunner,
  type SubprocessFlowRunnerOptions,
} from "../sdk/flow_runners.ts";
export type { JsonSchema } from "../sdk/parameters.ts";
export type { RegisterOptions } from "../sdk/register.ts";
export type { AnyFlow } from "../sdk/registry.ts";
export { getRunContext, getRunLogger, type RunContext, type RunLogger } from "../sdk/run_context.ts";
export { cron, interval, rrule, type ScheduleSpec } from "../sdk/schedules.ts";
export { Secret, secret } from "../sdk/secrets.ts";
export { type Task, task, type TaskInput, type TaskInputs, type TaskOptions } from "../sdk/task.ts";
export { type ErrorCode, FlowctlError } from "../support/errors.ts";
export { DockerAgent, type DockerAgentOptions } from "./docker_agent.ts";

setClientProvider(openClient);
