/**
 * Makes and changes deployments: what is run gets a new version, and what was scheduled by the old ways goes.
 *
 * @module
 */

import type { z } from "zod";
import type { Id, JsonObject } from "../domain/common.ts";
import type {
  Deployment,
  DeploymentCreate,
  DeploymentScheduleCreate,
  DeploymentUpdate,
} from "../domain/deployments.ts";
import { checkParameters } from "../domain/parameters.ts";
import { completeSchedule, type Schedule } from "../domain/schedules/mod.ts";
import { namedSecrets } from "../domain/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { newId } from "../support/ids.ts";
import { bundleExists } from "../store/bundles.ts";
import { queryOne } from "../store/connection.ts";
import type { Db, Tx } from "../store/database.ts";
import {
  deleteScheduledRuns,
  type DeploymentFields,
  type DeploymentVersion,
  insertDeploymentVersion,
  lastVersionNumber,
  readDeployment,
  saveDeployment,
} from "../store/deployments.ts";
import { findFlow } from "../store/flows.ts";
import { deleteSchedules, insertSchedules, type NewSchedule } from "../store/schedules.ts";
import type { Given } from "./rule.ts";

type Body = z.output<typeof DeploymentCreate>;
type Update = z.output<typeof DeploymentUpdate>;

/**
 * Creates a deployment, or replaces the one with the same flow and name. Its automatic runs that wait and all its schedules go
 * and are made anew. Whether it is paused stays, unless the body says it. The version changes when bundle, runner, entrypoint,
 * parameter schema, pull steps or the flowctl version do.
 *
 * @param options.alwaysNew Makes a new version in any case.
 * @throws {FlowctlError} `conflict` when flow or bundle are not there or parameters do not fit an enforced schema; `not_found` for
 * work pools; `invalid` for schedules that never run.
 */
export async function putDeployment(
  tx: Tx,
  body: Body,
  { now }: Given,
  { alwaysNew = false }: { alwaysNew?: boolean } = {},
): Promise<{ deployment: Deployment; created: boolean }> {
  if (!await findFlow(tx, body.flow_id)) refuse(body.name, "its flow does not exist");
  refuseWorkPool(body.work_pool_name);
  const known = await queryOne<{ id: Id }>(tx, "SELECT id FROM deployment WHERE flow_id = ? AND name = ?", [
    body.flow_id,
    body.name,
  ]);
  const old = known && await readDeployment(tx, known.id);
  if (body.enforce_parameter_schema) {
    const problems = await problemsOfDefaults(body.parameters, body.parameter_openapi_schema);
    if (problems.length > 0) {
      // Prefect says 422 here, and 409 when a deployment is changed or run.
      throw new FlowctlError("conflict", `Cannot create deployment "${body.name}": ${problems.join("; ")}`, {
        details: { status: 422 },
      });
    }
  }
  const schedules = completed(schedulesOf(body), now);
  const id = old?.id ?? newId();
  const version = await versionFor(tx, old, {
    bundle_hash: body.bundle_hash ?? null,
    flow_runner: body.flow_runner ?? null,
    entrypoint: body.entrypoint ?? null,
    parameter_openapi_schema: body.parameter_openapi_schema ?? null,
    pull_steps: body.pull_steps ?? null,
    flowctl_version: body.flowctl_version ?? null,
    storage: body.storage ?? null,
    secrets: namedSecrets(body.secrets, body.flow_runner),
  }, alwaysNew);
  await save(
    tx,
    id,
    {
      name: body.name,
      flow_id: body.flow_id,
      version: body.version ?? null,
      description: body.description ?? null,
      ...pausing(body, old?.paused ?? false),
      parameters: body.parameters,
      tags: body.tags,
      labels: body.labels,
      work_queue_name: body.work_queue_name ?? null,
      path: body.path ?? null,
      manifest_path: body.manifest_path ?? null,
      storage_document_id: body.storage_document_id ?? null,
      infrastructure_document_id: body.infrastructure_document_id ?? null,
      infra_overrides: overridesOf(body) ?? {},
      enforce_parameter_schema: body.enforce_parameter_schema,
    },
    version,
    now,
  );
  await deleteScheduledRuns(tx, id, "auto");
  await deleteSchedules(tx, id);
  await insertSchedules(tx, id, schedules, now);
  return { deployment: await readDeployment(tx, id), created: old === undefined };
}

/**
 * Changes a deployment; absent keys stay. Its automatic runs that wait go, as they would show what it was before.
 *
 * @throws {FlowctlError} `not_found`, `conflict`, `invalid` as {@link putDeployment}; `conflict` when a schema is to be enforced that
 * is not there or does not fit.
 */
export async function updateDeployment(tx: Tx, id: Id, update: Update, { now }: Given): Promise<void> {
  const old = await readDeployment(tx, id);
  if (update.expected_updated !== undefined && update.expected_updated !== old.updated) {
    throw new FlowctlError("conflict", `Cannot change deployment "${old.name}": somebody changed it meanwhile`, {
      hint: "Read it again, and change what it is now",
    });
  }
  refuseWorkPool(update.work_pool_name);
  const parameters = update.parameters ?? old.parameters;
  const enforce = update.enforce_parameter_schema ?? old.enforce_parameter_schema;
  if (enforce) {
    if (old.parameter_openapi_schema === null) {
      refuseChange(old.name, "it has no parameter schema that could be enforced");
    }
    const problems = await problemsOfDefaults(parameters, old.parameter_openapi_schema);
    if (problems.length > 0) refuseChange(old.name, problems.join("; "));
  }
  if (update.schedule !== undefined && update.schedules === undefined && old.schedules.length > 1) {
    throw new FlowctlError("invalid", `Cannot change the schedule of deployment "${old.name}": it has several`, {
      hint: 'Send "schedules", or change one of them by its id',
    });
  }
  const given = update.schedules ?? (update.schedule === undefined ? undefined : schedulesOf(update));
  const schedules = given && completed(given, now);
  const version = await versionFor(tx, old, {
    bundle_hash: old.bundle_hash,
    flow_runner: update.flow_runner ?? old.flow_runner,
    entrypoint: changed(update.entrypoint, old.entrypoint),
    parameter_openapi_schema: old.parameter_openapi_schema,
    pull_steps: old.pull_steps,
    flowctl_version: old.flowctl_version,
    storage: old.storage,
    secrets: namedSecrets(old.secrets, update.flow_runner),
  });
  await save(
    tx,
    id,
    {
      ...old,
      version: changed(update.version, old.version),
      description: changed(update.description, old.description),
      ...pausing(update, old.paused),
      parameters,
      tags: update.tags ?? old.tags,
      labels: update.labels ?? old.labels,
      work_queue_name: changed(update.work_queue_name, old.work_queue_name),
      path: changed(update.path, old.path),
      infra_overrides: overridesOf(update) ?? old.infra_overrides,
      enforce_parameter_schema: enforce,
    },
    version,
    now,
  );
  await deleteScheduledRuns(tx, id, "auto");
  if (schedules === undefined) return;
  await deleteSchedules(tx, id);
  await insertSchedules(tx, id, schedules, now);
}

/** Null takes away, absent leaves. */
const changed = <T>(update: T | null | undefined, before: T | null): T | null => update === undefined ? before : update;

/**
 * Pauses or resumes a deployment's schedules; pausing deletes its automatic runs that wait.
 *
 * @throws {FlowctlError} `not_found`
 */
export async function setDeploymentPaused(tx: Tx, id: Id, paused: boolean, { now }: Given): Promise<void> {
  const old = await readDeployment(tx, id);
  await saveDeployment(tx, id, { ...old, paused, is_schedule_active: !paused }, now);
  if (paused) await deleteScheduledRuns(tx, id, "auto");
}

/** Prefect keeps the two opposite to each other; `paused` wins. */
function pausing(
  { paused, is_schedule_active: active }: { paused?: boolean | undefined; is_schedule_active?: boolean | undefined },
  before: boolean,
): Pick<DeploymentFields, "paused" | "is_schedule_active"> {
  const now = paused ?? (active === undefined ? before : !active);
  return { paused: now, is_schedule_active: !now };
}

type ParsedSchedule = z.output<typeof DeploymentScheduleCreate>;

function schedulesOf(
  body: { schedules?: ParsedSchedule[] | undefined; schedule?: Schedule | null | undefined },
): NewSchedule[] {
  if (body.schedules) return body.schedules;
  return body.schedule ? [{ schedule: body.schedule, active: true, catchup: false }] : [];
}

/** Intervals get their anchor, and what never runs is refused. */
export const completed = (schedules: readonly NewSchedule[], now: Temporal.Instant): NewSchedule[] =>
  schedules.map((given) => ({ ...given, schedule: completeSchedule(given.schedule, now) }));

type VersionContent = Omit<DeploymentVersion, "id" | "number">;

async function versionFor(
  tx: Db,
  old: Deployment | undefined,
  content: VersionContent,
  alwaysNew = false,
): Promise<DeploymentVersion & { isNew: boolean }> {
  const keys = Object.keys(content) as (keyof VersionContent)[];
  if (old && !alwaysNew && keys.every((key) => canonical(old[key]) === canonical(content[key]))) {
    return { ...content, id: old.version_id, number: old.version_number, isNew: false };
  }
  if (content.bundle_hash !== null && !await bundleExists(tx, content.bundle_hash)) {
    throw new FlowctlError("conflict", `Cannot deploy bundle "${content.bundle_hash}": it is not stored`);
  }
  const number = old ? await lastVersionNumber(tx, old.id) + 1 : 1;
  return { ...content, id: newId(), number, isNew: true };
}

/** JSON that does not depend on the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(
    value ?? null,
    (_, inner) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );

async function save(
  tx: Tx,
  id: Id,
  fields: Omit<DeploymentFields, "version_id">,
  { isNew, ...version }: DeploymentVersion & { isNew: boolean },
  now: Temporal.Instant,
): Promise<void> {
  await saveDeployment(tx, id, { ...fields, version_id: version.id }, now);
  if (isNew) await insertDeploymentVersion(tx, id, version, now);
}

/** The defaults of a deployment must fit, but need not be all that is required: runs bring the rest. */
async function problemsOfDefaults(parameters: JsonObject, schema: JsonObject | null | undefined): Promise<string[]> {
  if (!schema) return [];
  const { required: _, ...optional } = schema;
  return await checkParameters(parameters, optional);
}

function refuseChange(name: string, why: string): never {
  throw new FlowctlError("conflict", `Cannot change deployment "${name}": ${why}`);
}

function refuse(name: string, why: string): never {
  throw new FlowctlError("conflict", `Cannot create deployment "${name}": ${why}`);
}

/** There are no work pools yet, and a run that waits in one would wait for ever. */
function refuseWorkPool(name: string | undefined): void {
  if (name !== undefined) throw new FlowctlError("not_found", `Work pool "${name}" not found.`);
}

function overridesOf(
  { infra_overrides: overrides, job_variables: variables }: {
    infra_overrides?: JsonObject | undefined;
    job_variables?: JsonObject | undefined;
  },
): JsonObject | undefined {
  if (overrides && variables && canonical(overrides) !== canonical(variables)) {
    throw new FlowctlError("invalid", '"infra_overrides" and "job_variables" differ: give one of them');
  }
  return overrides ?? variables;
}
