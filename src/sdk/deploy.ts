/**
 * Creates a deployment: bundles its flow file, stores the bundle by its hash, creates flow and deployment.
 *
 * @module
 */

import { bundleFile } from "../bundles/bundler.ts";
import type { Client } from "../client/client.ts";
import type { Deployment } from "../domain/deployments.ts";
import { defaultImage, type FlowRunnerSpecInput } from "../domain/flow_runners.ts";
import { npmPackagesOf } from "../domain/npm_packages.ts";
import { checkParameters } from "../domain/parameters.ts";
import { FlowctlError } from "../support/errors.ts";
import type { LoadedDeployment } from "./deployments.ts";

/** What {@link deploy} writes into the deployment. */
export interface DeployOptions {
  /** The runtime part of the default image's tag, e.g. `bun1.4`. */
  runtimeTag: string;
  /** The version of flowctl. */
  version: string;
}

/**
 * Creates a deployment, or a new version of it.
 *
 * The default image is pinned: runs are made with the flowctl that made the deployment, also when agents are newer.
 *
 * @throws {FlowctlError} `user_code`, `unsupported` by bundling; `invalid` when its parameters do not fit the flow's schema.
 */
export async function deploy(client: Client, spec: LoadedDeployment, options: DeployOptions): Promise<Deployment> {
  const schema = spec.flow.parameterSchema;
  await checkGiven(spec);
  // A command needs no code of ours, but the flow's name and schema are those of the file all the same.
  // What is installed at the start is imported there, in the version that was named, also when it lies beside the file.
  const external = npmPackagesOf(spec.flow_runner).map(({ name }) => name);
  const { text } = await bundleFile(spec.path, { external });
  const bundle_hash = await client.bundles.put(text);
  const flow = await client.flows.create({ name: spec.flow.name, project: spec.project });
  return await client.deployments.create({
    name: spec.name,
    flow_id: flow.id,
    schedules: spec.schedules,
    parameters: spec.parameters,
    tags: spec.tags,
    labels: spec.labels,
    version: spec.version,
    description: spec.description ?? spec.flow.definition.description,
    entrypoint: spec.flow.name,
    parameter_openapi_schema: schema,
    enforce_parameter_schema: schema !== undefined,
    flow_runner: pinned(spec.flow_runner, options),
    bundle_hash,
    secrets: spec.secrets,
    flowctl_version: options.version,
  });
}

/** A Docker runner without image gets the default one of this version. */
export function pinned(runner: FlowRunnerSpecInput, { version, runtimeTag }: DeployOptions): FlowRunnerSpecInput {
  if (runner.type !== "docker") return runner;
  const config = { ...runner.config };
  return { type: "docker", config: { ...config, image: config.image ?? defaultImage(version, runtimeTag) } };
}

/** A deployment need not give every parameter; those it gives must fit. */
async function checkGiven(spec: LoadedDeployment): Promise<void> {
  const schema = spec.flow.parameterSchema;
  if (schema === undefined) return;
  const problems = await checkParameters(spec.parameters, { ...schema, required: [] });
  if (problems.length === 0) return;
  throw new FlowctlError(
    "invalid",
    `Cannot create deployment "${spec.flow.name}/${spec.name}": ${problems.join("; ")}`,
  );
}
