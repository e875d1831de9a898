/**
 * What a server tells of itself to people who look after it. Ours.
 *
 * @module
 */

import { z } from "zod";
import { Timestamp } from "./common.ts";

/** A number of rows. `at_least`: there are more; counting them all would hold everybody else up. */
export const Count = z.object({ count: z.int(), at_least: z.boolean() });
/** See {@link Count}. */
export type Count = z.output<typeof Count>;

/** The most rows that are counted. */
export const MOST_COUNTED = 100_000;

/** `GET /admin/server`. There are no secrets in it. */
export const ServerInfo = z.object({
  version: z.string(),
  /** The commit that it was compiled from; `source` when it was not. */
  build: z.string(),
  /** E.g. `bun1.4`. */
  runtime: z.string(),
  /** Of Prefect's API. */
  api_version: z.string(),
  /** From here on null where an API in a command's own process answers. */
  started: Timestamp.nullable(),
  home: z.string().nullable(),
  /** Where it answers; the first is the API's. */
  addresses: z.array(z.string()),
  /** Whether others than its machine reach it. */
  is_exposed: z.boolean().nullable(),
  /** Whether requests from its machine need a token, too. */
  loopback: z.enum(["trust", "require"]).nullable(),
  database: z.object({
    path: z.string().nullable(),
    /** In bytes. */
    size: z.int(),
    /** The number of its last migration. */
    schema: z.int(),
  }),
  counts: z.object({
    projects: Count,
    flows: Count,
    deployments: Count,
    flow_runs: Count,
    task_runs: Count,
    logs: Count,
    agents: Count,
    tokens: Count,
    secrets: Count,
  }),
  /** Those that are in force, with their variables. */
  settings: z.array(z.object({ name: z.string(), value: z.string(), about: z.string() })),
});
/** See {@link ServerInfo}. */
export type ServerInfo = z.output<typeof ServerInfo>;

/** What only the process that listens knows. */
export type ServerFacts =
  & Pick<ServerInfo, "started" | "home" | "addresses" | "is_exposed" | "loopback" | "settings">
  & { database: string };
