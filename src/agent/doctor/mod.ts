/**
 * `flowctl doctor`: all checks in their order, each by itself.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { Fetch } from "../../client/transport.ts";
import type { EngineInfo } from "../../docker/types.ts";
import type { BinarySource } from "../../images/find_binary.ts";
import type { Program } from "../../runners/docker_images.ts";
import { ApiReach } from "../../runners/docker_reach.ts";
import type { Clock } from "../../support/clock.ts";
import { FlowctlError, messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import { type ApiInUse, checkApi } from "./api.ts";
import { checkBinary } from "./binary.ts";
import { type Check, type CheckName, CHECKS, fail, failWith } from "./check.ts";
import { checkClocks, readApiClock, readEngineClock } from "./clocks.ts";
import { checkDisk } from "./disk.ts";
import { checkEngine } from "./engine.ts";
import { checkHome, lookAtHome } from "./home.ts";
import { checkNames } from "./names.ts";
import { checkReach } from "./reach.ts";
import { checkRegistry } from "./registry.ts";

/** An API, how to ask it, and its binaries for containers. */
type Api = ApiInUse & { fetch: Fetch; client: { binaries?: BinarySource } };

/** See {@link runDoctor}. */
export interface DoctorOptions {
  /** Only these checks; by default all. */
  only?: readonly CheckName[];
  home: string;
  docker: Docker;
  program: Program;
  /** Connects to the API. */
  connect: () => Promise<Api>;
  /** The address of the API as it was set, if it was. */
  apiUrl?: string;
  /** How containers reach the API, when it is not to be found out. */
  apiWay?: "socket" | "url";
  /** The API's address for containers, where they reach it by URL. */
  containerApiUrl?: string;
  /** Resolves a name. */
  lookup: (name: string) => Promise<unknown>;
  /** The image to pull; without one no registry is asked. */
  image?: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** Engine and API may take so long for a small answer. */
const ANSWER_MS = 5_000;
/** A probe may take so long, the import of its image included. */
const PROBE_MS = 60_000;

/** Runs the checks. Those that need the engine or the API are left out when these do not answer. Never rejects. */
export async function runDoctor(options: DoctorOptions): Promise<Check[]> {
  const { home, docker, clock, log, image, signal, program: { env } } = options;
  const wanted = new Set<CheckName>(options.only ?? CHECKS);
  const soon = (ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const needs = (...names: CheckName[]) => names.some((name) => wanted.has(name));
  const found: Check[] = [];
  const add = (check: Check) => wanted.has(check.check) && found.push(check);

  add(checkHome(home, lookAtHome(home)));
  let api: Api | undefined;
  if (needs("api", "binary", "clock", "reach")) {
    try {
      const { connected, check } = await inTime(soon(ANSWER_MS), async () => {
        const connected = await options.connect();
        return { connected, check: await checkApi(connected, options.program.version) };
      });
      if (check.status !== "fail") api = connected;
      add(check);
    } catch (error) {
      add(failWith("api", error, "Start a server with: flowctl orion start, or correct FLOWCTL_API_URL"));
    }
  }
  let info: EngineInfo | undefined;
  if (needs("engine", "disk", "binary", "clock", "reach", "registry")) {
    let check = await checkEngine(docker, soon(ANSWER_MS));
    if (check.status !== "fail") {
      info = await docker.info({ signal: soon(ANSWER_MS) }).catch((error) => {
        check = failWith("engine", error, "See what the engine's log says");
        return undefined;
      });
    }
    add(check);
  }
  const program = { ...options.program, source: api?.client.binaries };
  const probe = (info: EngineInfo) => ({ docker, info, program, home, clock, log, signal: soon(PROBE_MS) });
  /** A check that may take long, within its time whatever hangs. */
  const slowly = async (name: CheckName, check: (signal: AbortSignal) => Promise<Check>, ms = PROBE_MS) => {
    if (!wanted.has(name)) return;
    const late = soon(ms);
    add(
      await inTime(late, () => check(late)).catch((error) =>
        fail(name, messageOf(error), "See what the engine's log says")
      ),
    );
  };
  const reach = new ApiReach({ docker, way: options.apiWay, given: options.containerApiUrl });
  if (info !== undefined) {
    const engine = info;
    const isShared = reach.byUrl({ apiUrl: "http://localhost" }, engine) === undefined;
    await slowly("disk", () => checkDisk(probe(engine), isShared));
    await slowly("binary", (signal) => checkBinary({ info: engine, program, home, log, signal }));
  }
  if (wanted.has("clock")) {
    const late = soon(ANSWER_MS);
    const readings = await Promise.all([
      api && inTime(late, () => readApiClock(api.client.url, api.fetch, clock)).catch(() => undefined),
      info && readEngineClock(docker, clock, late).catch(() => undefined),
    ]);
    const known = readings.filter((one) => one !== undefined);
    if (known.length > 0) add(checkClocks(known));
  }
  if (wanted.has("dns")) add(await checkNames([docker.address, options.apiUrl ?? ""], options.lookup));
  if (info !== undefined && api !== undefined) {
    const more = { apiUrl: api.client.url, upstream: api.fetch, isEphemeral: api.mode === "ephemeral", reach };
    const options = { ...probe(info), ...more };
    await slowly("reach", (signal) => checkReach({ ...options, signal }));
  }
  if (wanted.has("registry") && image !== undefined && info !== undefined) {
    add(await checkRegistry({ docker, image, env, log, signal }));
  }
  return found;
}

/** What comes of the work, or an error when that takes longer than the signal allows. */
async function inTime<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([
      work(),
      new Promise<never>((_resolve, reject) => {
        const late = () => reject(new FlowctlError("timeout", "No answer came in time"));
        if (signal.aborted) return late();
        signal.addEventListener("abort", late, { once: true, signal: done.signal });
      }),
    ]);
  } finally {
    done.abort();
  }
}
