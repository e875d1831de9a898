/**
 * Registrations: the older dialect's way to make versions of a flow.
 *
 * A flow that is registered has a deployment named `registered`, and each registration that changes anything is a version of
 * it. The newest one is what is run; the older ones are archived.
 *
 * @module
 */

import { z } from "zod";
import { BundleHash } from "./bundles.ts";
import { defaulted, Id, JsonObject, optional, Timestamp } from "./common.ts";
import { Deployment, DeploymentCreate } from "./deployments.ts";
import { FlowRunnerSpec } from "./flow_runners.ts";
import { Flow, Name } from "./flows.ts";
import { StorageInfo } from "./storage.ts";

export { REGISTERED } from "./flow_versions.ts";

/** A version of a deployment as it is answered. */
export const RegisteredVersion = z.object({
  id: Id,
  created: Timestamp,
  deployment_id: Id,
  deployment_name: z.string(),
  flow_id: Id,
  flow_name: z.string(),
  project: z.string(),
  /** Counts from 1. */
  number: z.int(),
  /** Since when no runs are made of it; null: it can be run. */
  archived: Timestamp.nullable(),
  /** Of code, options and build inputs; null for versions that were not registered. */
  content_hash: z.string().nullable(),
  /** What the tasks of its module are called. */
  tasks: z.array(z.string()),
  /** Null: the code is the bundle. */
  storage: StorageInfo.nullable(),
  bundle_hash: BundleHash.nullable(),
  flow_runner: FlowRunnerSpec.nullable(),
  entrypoint: z.string().nullable(),
  parameter_openapi_schema: JsonObject.nullable(),
  secrets: z.array(z.string()),
  flowctl_version: z.string().nullable(),
});
/** See {@link RegisteredVersion}. */
export type RegisteredVersion = z.output<typeof RegisteredVersion>;

/** By what a registration is known to be the same as the one before it. */
const identity = {
  /** Must exist. */
  project: Name,
  flow_name: Name,
  /** Of code, options and build inputs, without the time of the build. */
  content_hash: z.string().min(1).max(200),
  /** When given it alone decides, and not the content hash: the same key as the newest version's means that version. */
  idempotency_key: optional(z.string().min(1).max(2000)),
  /** A new version whatever there is. */
  force: defaulted(z.boolean(), () => false),
};

/** `POST /registrations/check`: asked before anything is built. */
export const RegistrationCheck = z.object(identity);
/** See {@link RegistrationCheck}. */
export type RegistrationCheck = z.input<typeof RegistrationCheck>;

/** The answer to {@link RegistrationCheck}. */
export const RegistrationChecked = z.object({
  /** Null for a flow that the project does not have yet. */
  flow_id: Id.nullable(),
  /** The newest version, when it is the same; null when a registration would make a new one. */
  version: RegisteredVersion.nullable(),
});
/** See {@link RegistrationChecked}. */
export type RegistrationChecked = z.output<typeof RegistrationChecked>;

/** `POST /registrations/`. */
export const RegistrationCreate = DeploymentCreate.pick({
  schedules: true,
  parameters: true,
  tags: true,
  labels: true,
  version: true,
  description: true,
  entrypoint: true,
  parameter_openapi_schema: true,
  enforce_parameter_schema: true,
  flow_runner: true,
  bundle_hash: true,
  flowctl_version: true,
  storage: true,
  secrets: true,
}).extend({
  ...identity,
  /** Whether its schedules make runs. */
  set_schedule_active: defaulted(z.boolean(), () => true),
  tasks: defaulted(z.array(z.string().min(1).max(500)).max(10_000), () => []),
});
/** See {@link RegistrationCreate}. */
export type RegistrationCreate = z.input<typeof RegistrationCreate>;

/** The answer to a registration: 201 for a new version, 200 for the one that was there. */
export const Registration = z.object({
  flow: Flow,
  deployment: Deployment,
  version: RegisteredVersion,
  created: z.boolean(),
});
/** See {@link Registration}. */
export type Registration = z.output<typeof Registration>;
