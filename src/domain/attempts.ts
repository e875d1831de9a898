/**
 * Attempts: what each claim of a run became. Unlike a lease, which ends with it, an attempt is kept with its run: which agent took
 * it, what it was started in (container, image, networks), and how that ended. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Id, optional, Timestamp } from "./common.ts";

const text = z.string().max(2000);
const maybe = optional(text);

/** What a run was started in, as its agent tells it. What it does not know is absent. */
export const Holder = z.object({
  kind: z.enum(["container", "process"]),
  /** Name of the container, number of the process. */
  name: text,
  container_id: maybe,
  /** As it was asked for, e.g. `my-registry.example/flows:1.4`. */
  image: maybe,
  /** `sha256:…` of the image's configuration: what this engine calls it. */
  image_id: maybe,
  /** `name@sha256:…`: what registries call it; absent for an image that was built here and never pushed. */
  digest: maybe,
  networks: optional(z.array(text).max(100)),
  /** The engine's id, and the name of its machine. */
  engine_id: maybe,
  host: maybe,
  /** When it was made and when it began, by the engine's clock. */
  created: optional(Timestamp),
  started: optional(Timestamp),
});
/** See {@link Holder}. */
export type Holder = z.input<typeof Holder>;

/** `POST /leases/{id}/ended`. */
export const LeaseEnded = z.object({
  /** Null when nobody knows it. */
  exit_code: z.int().nullable(),
  oom_killed: z.boolean(),
  /** Why, when the code does not say it. */
  reason: maybe,
  /** By the engine's clock; absent: now. */
  ended: optional(Timestamp),
});
/** See {@link LeaseEnded}. */
export type LeaseEnded = z.input<typeof LeaseEnded>;

/** An attempt as it is answered. */
export const Attempt = z.object({
  id: Id,
  flow_run_id: Id,
  /** From 1. */
  attempt: z.int(),
  agent_id: Id,
  agent_name: z.string(),
  /** The type of the runner, e.g. `docker`; null for an agent that did not tell. */
  runner: z.string().nullable(),
  /** When the agent took the run. */
  claimed: Timestamp,
  kind: z.enum(["container", "process"]).nullable(),
  name: z.string().nullable(),
  infrastructure_pid: z.string().nullable(),
  container_id: z.string().nullable(),
  image: z.string().nullable(),
  image_id: z.string().nullable(),
  digest: z.string().nullable(),
  networks: z.array(z.string()),
  engine_id: z.string().nullable(),
  host: z.string().nullable(),
  created: Timestamp.nullable(),
  /** Null when nothing was started. */
  started: Timestamp.nullable(),
  /** Null while it runs, or when nobody knows. */
  ended: Timestamp.nullable(),
  exit_code: z.int().nullable(),
  /** Null until it is known how it ended. */
  oom_killed: z.boolean().nullable(),
  reason: z.string().nullable(),
});
/** See {@link Attempt}. */
export type Attempt = z.output<typeof Attempt>;
