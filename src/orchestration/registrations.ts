/**
 * Registers flows: a new version, and the end of the ones before it, in one transaction.
 *
 * @module
 */

import type { z } from "zod";
import {
  REGISTERED,
  type Registration,
  type RegistrationCheck,
  type RegistrationChecked,
  type RegistrationCreate,
} from "../domain/registrations.ts";
import type { Id } from "../domain/common.ts";
import { DeploymentCreate } from "../domain/deployments.ts";
import { FlowctlError } from "../support/errors.ts";
import { harmlessLine } from "../support/text.ts";
import type { Db, Tx } from "../store/database.ts";
import { readDeployment } from "../store/deployments.ts";
import { createFlow, findFlowByName } from "../store/flows.ts";
import { readFlowRun } from "../store/flow_runs.ts";
import { findProject } from "../store/projects.ts";
import {
  archiveVersions,
  findRegistered,
  listWaitingRuns,
  noteRegistration,
  readVersion,
} from "../store/registrations.ts";
import { putDeployment } from "./deployments.ts";
import { FORCED_FLOW_POLICY } from "./policies.ts";
import type { Given } from "./rule.ts";
import { moveFlowRun } from "./set_flow_run_state.ts";

type Identity = z.output<typeof RegistrationCheck>;

/**
 * Whether a registration would make a new version.
 *
 * @throws {FlowctlError} `not_found` for a project that does not exist: nothing is built for it.
 */
export async function checkRegistration(db: Db, body: Identity): Promise<RegistrationChecked> {
  await refuseUnknownProject(db, body);
  const flow = await findFlowByName(db, body.flow_name, body.project);
  return { flow_id: flow?.id ?? null, version: await sameVersion(db, body) ?? null };
}

/**
 * Registers a flow: its deployment named `registered` gets a new version, unless the newest one is the same. All older versions are
 * archived: their automatic runs go, their other runs that wait are cancelled; those that run, and those that wait for a retry, go on.
 *
 * @throws {FlowctlError} `not_found` for a project that does not exist; `conflict`, `invalid` as `putDeployment`.
 */
export async function registerFlow(
  tx: Tx,
  body: z.output<typeof RegistrationCreate>,
  given: Given,
): Promise<Registration> {
  await refuseUnknownProject(tx, body);
  const { flow } = await createFlow(tx, { name: body.flow_name, project: body.project, tags: [] }, given.now);
  const same = await sameVersion(tx, body);
  if (same) return { flow, deployment: await readDeployment(tx, same.deployment_id), version: same, created: false };
  const { deployment } = await putDeployment(
    tx,
    {
      ...DeploymentCreate.parse({ name: REGISTERED, flow_id: flow.id }),
      ...body,
      paused: !body.set_schedule_active,
    },
    given,
    { alwaysNew: true },
  );
  await noteRegistration(tx, deployment.version_id, body);
  await archiveVersions(tx, deployment.id, deployment.version_id, given.now);
  await cancelWaiting(tx, deployment.id, deployment.version_id, body.flow_name, given);
  return { flow, deployment, version: await readVersion(tx, deployment.version_id), created: true };
}

async function sameVersion(db: Db, { project, flow_name, content_hash, idempotency_key, force }: Identity) {
  if (force) return undefined;
  const newest = await findRegistered(db, project, flow_name);
  const isSame = idempotency_key === undefined
    ? newest?.version.content_hash === content_hash
    : newest?.idempotencyKey === idempotency_key;
  return isSame ? newest!.version : undefined;
}

async function refuseUnknownProject(db: Db, { project, flow_name }: Identity): Promise<void> {
  if (await findProject(db, project)) return;
  throw new FlowctlError("not_found", `Cannot register flow "${flow_name}": project "${project}" does not exist`, {
    hint: `Create it with: flowctl create project '${project}'`,
  });
}

async function cancelWaiting(tx: Tx, deploymentId: Id, newest: Id, flowName: string, given: Given): Promise<void> {
  for (const { id, number } of await listWaitingRuns(tx, deploymentId, newest)) {
    const what = `Flow '${harmlessLine(flowName)}'${number === null ? "" : ` version ${number}`}`;
    const message = `${what} was archived: a newer version was registered`;
    const run = await readFlowRun(tx, id, given.now);
    await moveFlowRun(tx, run, { type: "CANCELLED", name: "Cancelled", message }, FORCED_FLOW_POLICY, given);
  }
}
