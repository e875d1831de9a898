/**
 * Reads deployments from a flow file or a YAML file.
 *
 * @module
 */

import { extname } from "node:path";
import { userFile } from "../bundles/loader.ts";
import type { DeploymentCreate, DeploymentScheduleCreate } from "../domain/deployments.ts";
import type { FlowRunnerSpecInput } from "../domain/flow_runners.ts";
import { FlowctlError } from "../support/errors.ts";
import type { DeploymentSpec } from "./deployment_spec.ts";
import { jsonable } from "../engine/results.ts";
import { loadFlowFile } from "./load_flow_file.ts";
import type { AnyFlow } from "./registry.ts";
import { loadYamlDeployments } from "./yaml_deployments.ts";

/** A deployment that is ready to be created. The names of the wire are used where it goes to the wire as it is. */
export interface LoadedDeployment {
  name: string;
  flow: AnyFlow;
  /** The flow file, absolute. */
  path: string;
  project: string | undefined;
  parameters: NonNullable<DeploymentCreate["parameters"]>;
  tags: string[];
  labels: string[];
  schedules: DeploymentScheduleCreate[];
  flow_runner: FlowRunnerSpecInput;
  /** Names of secrets that its runs may read, beside those in the runner's `env`. */
  secrets: string[];
  version: string | undefined;
  description: string | undefined;
}

/**
 * Loads a `.ts`, `.mts`, `.js`, `.mjs` flow file and answers the deployments it defines, or reads a `.yaml` or `.yml` file and loads the
 * flow files it names.
 *
 * @throws {FlowctlError} `not_found`; `user_code` with file and line; `invalid` for a file without deployments.
 *
 * @example
 * ```ts
 * import { loadDeployments } from "./deployments.ts";
 *
 * await loadDeployments("./no-such-file.ts").catch((error) => console.assert(error.code === "not_found"));
 * ```
 */
export async function loadDeployments(path: string): Promise<LoadedDeployment[]> {
  if ([".yaml", ".yml"].includes(extname(path).toLowerCase())) return await loadYamlDeployments(path);
  const file = userFile(path);
  const { flows, deployments } = await loadFlowFile(
    path,
    ({ deployments }) => deployments.map((spec) => spec.flowRunner.toSpec()),
  );
  if (deployments.length > 0) return deployments.map((spec) => loaded(spec, file));
  const names = flows.map((flow) => `"${flow.name}"`).join(", ");
  throw new FlowctlError(
    "invalid",
    `Cannot find a deployment in "${path}": it defines ${
      names === "" ? "no flow" : `flow ${names}`
    } and no DeploymentSpec`,
    {
      hint: 'Add: new DeploymentSpec({ name: "example", flow: myFlow })',
    },
  );
}

function loaded(spec: DeploymentSpec, path: string): LoadedDeployment {
  return {
    name: spec.name,
    flow: spec.flow,
    path,
    project: spec.project,
    parameters: jsonable(spec.parameters),
    tags: [...spec.tags],
    labels: [...spec.labels],
    schedules: spec.schedules.map((schedule) => ({ schedule })),
    flow_runner: spec.flowRunner.toSpec(),
    secrets: [...spec.secrets],
    version: spec.version,
    description: spec.description,
  };
}
