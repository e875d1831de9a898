/**
 * Makes runs of deployments.
 *
 * @module
 */

import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import type { Deployment } from "../domain/deployments.ts";
import { type DeploymentFlowRunCreate, FlowRunPolicy } from "../domain/flow_runs.ts";
import { checkParameters, overlayParameters } from "../domain/parameters.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Tx } from "../store/database.ts";
import { findDeploymentVersion, readDeployment } from "../store/deployments.ts";
import type { NewFlowRun } from "../store/flow_runs.ts";
import { findVersion } from "../store/registrations.ts";
import { addFlowRun, type MadeFlowRun } from "./create_flow_run.ts";
import type { Given } from "./rule.ts";

/**
 * Creates a run, SCHEDULED for now unless a state is given. It is pinned to the deployment's present version; parameters are the
 * deployment's with the given ones over them, tags the union of both, labels the given ones, else the deployment's.
 *
 * The JSON Schema library is loaded by the first check; that is the one thing beside `tx` that is waited for.
 *
 * @throws {FlowctlError} `not_found`; `conflict` for an archived version, and with one sentence per problem when the parameters do not fit an enforced schema.
 */
export async function createDeploymentRun(
  tx: Tx,
  deploymentId: Id,
  body: z.output<typeof DeploymentFlowRunCreate>,
  given: Given,
): Promise<MadeFlowRun> {
  const deployment = body.deployment_version_id === undefined
    ? await readDeployment(tx, deploymentId)
    : await readRunnable(tx, deploymentId, body.deployment_version_id);
  const parameters = overlayParameters(deployment.parameters, body.parameters);
  if (body.enforce_parameter_schema ?? deployment.enforce_parameter_schema) {
    const problems = await checkParameters(parameters, deployment.parameter_openapi_schema);
    if (problems.length > 0) {
      throw new FlowctlError(
        "conflict",
        `Cannot run deployment "${deployment.flow_name}/${deployment.name}": ${problems.join("; ")}`,
        { details: { problems } },
      );
    }
  }
  return await addFlowRun(
    tx,
    {
      ...pinnedTo(deployment),
      ...(body.labels === undefined ? {} : { labels: body.labels }),
      name: body.name,
      work_queue_name: body.work_queue_name ?? deployment.work_queue_name,
      parameters,
      idempotency_key: body.idempotency_key ?? null,
      context: body.context,
      empirical_policy: body.empirical_policy ?? FlowRunPolicy.parse({}),
      tags: [...new Set([...deployment.tags, ...body.tags])],
      parent_task_run_id: body.parent_task_run_id ?? null,
      auto_scheduled: false,
      infrastructure_document_id: body.infrastructure_document_id ?? deployment.infrastructure_document_id,
      job_variables: body.job_variables ?? null,
    },
    body.state ?? { type: "SCHEDULED", name: "Scheduled" },
    given,
  );
}

/** A deployment in one of its versions; one that is archived is not run again. */
async function readRunnable(tx: Tx, deploymentId: Id, versionId: Id): Promise<Deployment> {
  const found = await findDeploymentVersion(tx, deploymentId, versionId);
  const version = await findVersion(tx, versionId);
  if (!found || version?.deployment_id !== deploymentId) {
    throw new FlowctlError("not_found", "Deployment version not found", { details: { id: versionId } });
  }
  if (version.archived === null) return found;
  throw new FlowctlError(
    "conflict",
    `Cannot run flow "${version.flow_name}": its version ${version.number} is archived`,
    { hint: "Run the newest version: name the flow instead, or give the flow's id" },
  );
}

/** What a run takes over from its deployment. */
export const pinnedTo = (deployment: Deployment): Pick<
  NewFlowRun,
  | "flow_id"
  | "deployment_id"
  | "deployment_version"
  | "deployment_version_id"
  | "flow_version"
  | "labels"
  | "created_by"
> => ({
  flow_id: deployment.flow_id,
  deployment_id: deployment.id,
  deployment_version: deployment.version,
  deployment_version_id: deployment.version_id,
  flow_version: null,
  labels: deployment.labels,
  created_by: null,
});
