/**
 * `flowctl doctor`: all checks in their order, each by itself.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { Fetch } from "../../client/transport.ts";
import type { Program } from "../../runners/docker_images.ts";
import type { Clock } from "../../support/clock.ts";
import { messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import { type ApiInUse, checkApi } from "./api.ts";
import { type Check, type CheckName, CHECKS, fail, failWith } from "./check.ts";
import { checkClocks, readApiClock, readEngineClock } from "./clocks.ts";
import { checkEngine } from "./engine.ts";
import { checkHome, lookAtHome } from "./home.ts";
import { checkNames } from "./names.ts";
import { checkRegistry } from "./registry.ts";
import { checkSocket } from "./socket.ts";

/** See {@link runDoctor}. */
export interface DoctorOptions {
  /** Only these checks; by default all. */
  only?: readonly CheckName[];
  home: string;
  docker: Docker;
  program: Program;
  /** Connects to the API. */
  connect: () => Promise<ApiInUse & { fetch: Fetch }>;
  /** The address of the API as it was set, if it was. */
  apiUrl?: string;
  /** Resolves a name. */
  lookup: (name: string) => Promise<unknown>;
  /** The image to pull; without one no registry is asked. */
  image?: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** The engine may take so long for a small answer. */
const ENGINE_MS = 5_000;
/** A probe may take so long, the import of its image included. */
const PROBE_MS = 60_000;

/** Runs the checks. Those that need the engine or the API are left out when these do not answer. Never rejects. */
export async function runDoctor(options: DoctorOptions): Promise<Check[]> {
  const { home, docker, clock, log, image, signal } = options;
  const wanted = new Set<CheckName>(options.only ?? CHECKS);
  const soon = (ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const needs = (...names: CheckName[]) => names.some((name) => wanted.has(name));
  const found: Check[] = [];
  const add = (check: Check) => wanted.has(check.check) && found.push(check);

  add(checkHome(home, lookAtHome(home)));
  let api: (ApiInUse & { fetch: Fetch }) | undefined;
  if (needs("api", "clock", "socket")) {
    try {
      const connected = await options.connect();
      const check = await checkApi(connected, options.program.version);
      if (check.status !== "fail") api = connected;
      add(check);
    } catch (error) {
      add(failWith("api", error, "Start a server with: flowctl orion start"));
    }
  }
  let hasEngine = false;
  if (needs("engine", "clock", "socket", "registry")) {
    const check = await checkEngine(docker, soon(ENGINE_MS));
    hasEngine = check.status !== "fail";
    add(check);
  }
  if (wanted.has("clock")) {
    const readings = await Promise.all([
      api && readApiClock(api.client.url, api.fetch, clock).catch(() => undefined),
      hasEngine ? readEngineClock(docker, clock, soon(ENGINE_MS)).catch(() => undefined) : undefined,
    ]);
    const known = readings.filter((one) => one !== undefined);
    if (known.length > 0) add(checkClocks(known));
  }
  if (wanted.has("dns")) add(await checkNames([docker.address, options.apiUrl ?? ""], options.lookup));
  if (wanted.has("socket") && api !== undefined && hasEngine) {
    const probe = checkSocket({
      ...options,
      apiUrl: api.client.url,
      upstream: api.fetch,
      signal: soon(PROBE_MS),
    });
    add(await probe.catch((error) => fail("socket", messageOf(error), "See what the engine's log says")));
  }
  if (wanted.has("registry") && image !== undefined && hasEngine) {
    add(await checkRegistry(docker, image, log, signal, options.program.env));
  }
  return found;
}
