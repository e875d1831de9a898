/**
 * What a route is: data that says what it accepts and answers, and a function that does it.
 *
 * The same data registers the handler, validates requests and makes the OpenAPI document, so they cannot differ. The document is
 * made when somebody asks for it: registering costs a few microseconds, for `orion start` has 250 ms in all.
 *
 * @module
 */

import type { z } from "zod";
import type { Lease } from "../domain/agents.ts";
import type { ServerFacts } from "../domain/server_info.ts";
import type { BinaryOffer } from "../images/binaries.ts";
import type { Db, Store, Tx } from "../store/database.ts";
import type { Given } from "../orchestration/rule.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { SecretBox } from "../support/secret_box.ts";
import type { Access, Identity } from "./auth.ts";
import { jsonAnswer } from "./errors.ts";

/** What the API is made of. */
export interface ApiParts {
  store: Store;
  clock: Clock;
  /** Numbers of [0, 1), for names and jitter. */
  random: () => number;
  log: Log;
  /** Encrypts and decrypts secrets. */
  secrets: SecretBox;
  /** The version of flowctl, answered by `/admin/version`. */
  version: string;
  /** Aborts when the server stops: long polls end then. */
  drain: AbortSignal;
  /** Tells this server from others: `/health` answers it as `x-flowctl-instance`. */
  instance?: string;
  /** The Linux binaries of flowctl that this server offers; none by default. */
  binaries?: BinaryOffer;
  /** What `/admin/server` tells of the process that listens. */
  server?: ServerFacts;
}

/** One request, read and checked. */
export interface Call<Body = unknown, Query = unknown> {
  params: Record<string, string>;
  query: Query;
  body: Body;
  api: ApiParts;
  /** Reads what is committed. */
  read: Db;
  /** Changes things; that the lease or token which the request bears is still good is part of the transaction. */
  write<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** The present moment and chance, for rules. */
  given(): Given;
  now(): Temporal.Instant;
  /** Who asks. */
  identity: Identity;
  /** The lease on whose behalf the request is made. */
  lease: Lease | undefined;
  /** As it came; the body may have been read. */
  request: Request;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
}

/**
 * Whether a request on behalf of a lease may do this; those without a lease may do everything. `allowed` says yes for things that
 * have nothing to do with a run, `refused` no.
 */
export type ScopeRule<C> = "allowed" | "refused" | ((call: C, lease: Lease) => Promise<boolean>);

/** One operation. */
export interface RouteSpec<Body extends z.ZodType, Query extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api`, e.g. `/flows/{id}`. Names that end in `id` are UUIDs. */
  path: string;
  tag: string;
  /** As a sentence without period, e.g. `Create a flow`. */
  summary: string;
  /** Beyond the summary; whose route it is, what is odd. */
  about?: string;
  query?: Query;
  body?: Body;
  /** The body is text and not JSON; `body` says its shape all the same. */
  text?: boolean;
  /** An absent body counts as `{}` (Prefect's filter and count routes, and actions). */
  bodyOptional?: boolean;
  /** An error must not repeat the body. */
  secretBody?: boolean;
  /** In bytes; default 4 MB. */
  bodyLimit?: number;
  /** Answers by status: a schema of JSON, or a description of something else. */
  answers: Record<number, z.ZodType | string>;
  /** What it wants of whoever asks; default `USER`. A run's own token is judged by `scope` alone. */
  access?: Access;
  /**
   * Whether a run's own token may still do it when the run has come to its final state: the last lines come after it, and an agent
   * that comes back looks at what it held. Default: no.
   */
  afterEnd?: boolean;
  /** See {@link ScopeRule}; default `refused`. */
  scope?: ScopeRule<Call<z.output<Body>, z.output<Query>>>;
  /** Answered whatever version header a client sends (Prefect's routes without a router). */
  ungated?: boolean;
  handle(call: Call<z.output<Body>, z.output<Query>>): Promise<Response> | Response;
}

/** A route whose types are forgotten. */
export type Route = RouteSpec<z.ZodType, z.ZodType>;

/** Makes a route; it is this function that infers the types of body and query. */
export const route = <Body extends z.ZodType = z.ZodType<undefined>, Query extends z.ZodType = z.ZodType<undefined>>(
  spec: RouteSpec<Body, Query>,
): Route => spec as unknown as Route;

/** 200 with JSON. */
export const ok = (body: unknown): Response => jsonAnswer(body, 200);

/** 201 for what is new, 200 for what was there. */
export const made = (body: unknown, created: boolean): Response => jsonAnswer(body, created ? 201 : 200);

/** 204. */
export const nothing = (): Response => new Response(null, { status: 204 });
