/**
 * From a flow to its registration: what is sent, by which it is known to be unchanged, and what is built for it.
 *
 * The hash is of code, options and build inputs. What a build adds (tag, image id, digest) is not in it, so an unchanged flow is known
 * before anything is built.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { type Bundle, bundleFile } from "../bundles/bundler.ts";
import type { Client } from "../client/client.ts";
import { npmPackagesOf } from "../domain/npm_packages.ts";
import { type Registration, type RegistrationChecked, RegistrationCreate } from "../domain/registrations.ts";
import type { StorageInfo } from "../domain/storage.ts";
import { FlowctlError } from "../support/errors.ts";
import { runtimeTag } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";
import { pinned } from "./deploy.ts";
import type { AnyFlow } from "./registry.ts";

/** What registering needs of a storage; `Docker` is one. */
export interface FlowStorage {
  /** Names of flows, and where each lies. */
  readonly flows: Map<string, string>;
  addFlow(flow: AnyFlow): string;
  build(options?: { push?: boolean; print?: (line: string) => void; signal?: AbortSignal }): Promise<unknown>;
  /** Of code, options and build inputs; nothing is built for it. */
  contentHash(): Promise<string>;
  info(flowName: string): StorageInfo;
}

/** A flow that was found, with the file it was found in and the tasks of its module. */
export interface FoundFlow {
  flow: AnyFlow;
  /** Absolute. */
  path: string;
  tasks: readonly string[];
}

/** A flow as `flowctl build` writes it: all that a registration needs but project and schedule. */
export const SerializedFlow = RegistrationCreate.omit({
  project: true,
  content_hash: true,
  idempotency_key: true,
  force: true,
  set_schedule_active: true,
}).extend({
  /** Of its code and of what goes into its image. */
  code_hash: z.string().min(1).max(200),
  /** The code itself, unless it lies in an image. */
  bundle: z.string().optional(),
});
/** See {@link SerializedFlow}. */
export type SerializedFlow = z.input<typeof SerializedFlow>;

/** A flow of which all is known but what its build will answer. */
export interface PreparedFlow {
  name: string;
  /** Undefined: the code is a bundle, or was built before. */
  storage: FlowStorage | undefined;
  /** Whether `flowctl build` built it. */
  isBuilt?: boolean;
  /** Fields that are sent; `storage` is missing until it is built. */
  fields: SerializedFlow;
}

/** What is said for all flows of a registration. */
export interface RegistrationOptions {
  project: string;
  /** Added to the flows' own. */
  labels?: readonly string[];
  idempotencyKey?: string;
  /** A new version also of an unchanged flow. */
  force?: boolean;
  /** Whether schedules make runs; default true. */
  setScheduleActive?: boolean;
}

/** Where its code is kept, for messages. */
export const storageKind = ({ storage }: PreparedFlow): string => storage === undefined ? "Bundle" : "Docker";

/**
 * Reads options and hashes code; nothing is built. Flows that share a storage are to be prepared together.
 *
 * @throws {FlowctlError} `invalid` for options that do not go together, and what bundling throws
 */
export async function prepareFlows(
  found: readonly FoundFlow[],
  labels: readonly string[] = [],
): Promise<PreparedFlow[]> {
  for (const { flow } of found) {
    const storage: FlowStorage | undefined = flow.storage;
    if (storage !== undefined && !storage.flows.has(flow.name)) storage.addFlow(flow);
  }
  const hashes = new Map<FlowStorage, Promise<string>>();
  const prepared: PreparedFlow[] = [];
  for (const { flow, path, tasks } of found) {
    const storage: FlowStorage | undefined = flow.storage;
    const runner = flow.flowRunner?.toSpec() ?? { type: "docker" as const };
    if (storage !== undefined && runner.type !== "docker") {
      throw new FlowctlError(
        "invalid",
        `Cannot register flow "${flow.name}": its code is kept in a Docker image, and its runner is "${runner.type}"`,
        { hint: "Take a DockerFlowRunner, or leave out the storage" },
      );
    }
    let bundle: Bundle | undefined;
    if (storage === undefined) {
      bundle = await bundleFile(path, { external: npmPackagesOf(runner).map(({ name }) => name) });
    } else if (!hashes.has(storage)) hashes.set(storage, storage.contentHash());
    prepared.push({
      name: flow.name,
      storage,
      fields: {
        flow_name: flow.name,
        schedules: flow.schedules.map((schedule) => ({ schedule })),
        tags: [...flow.definition.tags],
        labels: [...new Set([...flow.labels, ...labels])].sort(),
        version: flow.definition.version,
        description: flow.definition.description,
        entrypoint: flow.name,
        parameter_openapi_schema: flow.parameterSchema,
        enforce_parameter_schema: flow.parameterSchema !== undefined,
        // In an image of one's own there is flowctl already; the default image is for bundles.
        flow_runner: storage === undefined ? pinned(runner, { version: VERSION, runtimeTag }) : runner,
        flowctl_version: VERSION,
        secrets: [...flow.secrets],
        tasks: [...tasks],
        code_hash: bundle?.hash ?? await hashes.get(storage!)!,
        bundle: bundle?.text,
      },
    });
  }
  return prepared;
}

/** Flows by their storage, as each is built once. Flows without one are in a group together. */
export function groupsOf(prepared: readonly PreparedFlow[]): PreparedFlow[][] {
  const groups = new Map<FlowStorage | undefined, PreparedFlow[]>();
  for (const one of prepared) groups.set(one.storage, [...groups.get(one.storage) ?? [], one]);
  return [...groups.values()];
}

/** What `flowctl build` writes of a flow. @throws {FlowctlError} `conflict` when its storage is not built yet */
export function serialized({ name, storage, fields }: PreparedFlow): SerializedFlow {
  return storage === undefined ? fields : { ...fields, storage: storage.info(name) };
}

/** The hash by which an unchanged flow is known; the same whether it comes from its file or from what `flowctl build` wrote. */
export function contentHashOf(fields: SerializedFlow): string {
  const { storage: _storage, bundle: _bundle, bundle_hash: _hash, ...given } = fields;
  // With the defaults that reading fills in; what can't be read is told by the server.
  const rest = SerializedFlow.safeParse(JSON.parse(JSON.stringify(given))).data ?? given;
  return createHash("sha256").update(canonical(rest)).digest("hex");
}

/** JSON that does not depend on the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );

const identityOf = (fields: SerializedFlow, { project, idempotencyKey, force }: RegistrationOptions) => ({
  project,
  flow_name: fields.flow_name,
  content_hash: contentHashOf(fields),
  idempotency_key: idempotencyKey,
  force,
});

/**
 * Asks whether a registration would make a new version.
 *
 * @throws {FlowctlError} `not_found` for a project that does not exist
 */
export async function checkFlow(
  client: Client,
  { fields }: PreparedFlow,
  options: RegistrationOptions,
): Promise<RegistrationChecked> {
  return await client.registrations.check(identityOf(fields, options));
}

/** Sends a flow whose storage is built. */
export async function sendFlow(
  client: Client,
  prepared: PreparedFlow,
  options: RegistrationOptions,
): Promise<Registration> {
  const { bundle, code_hash: _, ...fields } = serialized(prepared);
  const bundle_hash = bundle === undefined ? undefined : await client.bundles.put(bundle);
  return await client.registrations.create({
    ...fields,
    ...identityOf(prepared.fields, options),
    bundle_hash,
    set_schedule_active: options.setScheduleActive,
  });
}
