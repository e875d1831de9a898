/**
 * Do the clocks of API and engine agree with this machine's?
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { Fetch } from "../../client/transport.ts";
import { LEASE_SECONDS } from "../../domain/agents.ts";
import type { Clock } from "../../support/clock.ts";
import { type Check, fail, ok, warn } from "./check.ts";

/** Lines and schedules are off by as much. */
const NOTICEABLE_SECONDS = 5;

/** Somebody's clock, read once. */
export interface Reading {
  /** `The API's` or `The engine's`. */
  whose: string;
  /** How far it is ahead, in seconds; negative when it is behind. */
  aheadSeconds: number;
}

/** Reads a clock between two looks at ours. @param resolutionMs How much the reading rounds down. */
async function read(
  whose: string,
  clock: Clock,
  ask: () => Promise<string | null | undefined>,
  resolutionMs: number,
): Promise<Reading | undefined> {
  const before = clock.now().epochMilliseconds;
  const said = Date.parse(await ask() ?? "");
  const after = clock.now().epochMilliseconds;
  if (Number.isNaN(said)) return undefined;
  // What is within the time of the answer, and the rounding, is no difference.
  if (said > after) return { whose, aheadSeconds: (said - after) / 1000 };
  if (said + resolutionMs < before) return { whose, aheadSeconds: (said + resolutionMs - before) / 1000 };
  return { whose, aheadSeconds: 0 };
}

/** By the `Date` of an answer; undefined when it has none: an API in this process. */
export function readApiClock(apiUrl: string, fetch: Fetch, clock: Clock): Promise<Reading | undefined> {
  const base = apiUrl.startsWith("unix:") ? "http://localhost/api" : apiUrl;
  return read("The API's", clock, async () => {
    const response = await fetch(`${base}/health`);
    await response.body?.cancel();
    return response.headers.get("date");
  }, 1000);
}

/** By what the engine says about itself. */
export function readEngineClock(docker: Docker, clock: Clock, signal: AbortSignal): Promise<Reading | undefined> {
  return read("The engine's", clock, async () => (await docker.info({ signal })).SystemTime, 0);
}

/** See the module's comment. */
export function checkClocks(readings: readonly Reading[]): Check {
  const [worst] = [...readings].sort((a, b) => Math.abs(b.aheadSeconds) - Math.abs(a.aheadSeconds));
  const seconds = Math.abs(worst?.aheadSeconds ?? 0);
  if (worst === undefined || seconds <= NOTICEABLE_SECONDS) return ok("clock", "The clocks agree");
  const message = `${worst.whose} clock is ${Math.round(seconds)} s ${worst.aheadSeconds > 0 ? "ahead" : "behind"}`;
  const fix = "Set the clocks of both machines, for example with: timedatectl set-ntp true";
  return seconds > LEASE_SECONDS ? fail("clock", message, fix) : warn("clock", message, fix);
}
