/**
 * `flowctl agent reap` and `flowctl image gc`: what the agent removes by itself, by hand, beside a running agent or without one.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { Docker } from "../docker/client.ts";
import { findGarbage, type Garbage, removeGarbage } from "../images/garbage.ts";
import { findEnds, nameOf, tidyContainers } from "../runners/docker_tidy.ts";
import { judgeLeftBehind } from "../runners/left_behind.ts";
import { LABELS } from "../runners/runner.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { readIdentity } from "./identity.ts";

/** What became of something that was left behind. */
export type Outcome = "would stop" | "would remove" | "stopped" | "removed" | "kept" | "failed";

/** A container that was left behind. */
export interface ReapedContainer {
  id: string;
  name: string;
  flow_run_id: string | null;
  outcome: Outcome;
  why: string;
}

/** See {@link reapContainers}. */
export interface ReapOptions {
  client: Client;
  docker: Docker;
  home: string;
  keepMs: number;
  keepCount: number;
  dryRun: boolean;
  clock: Clock;
}

/** Runs are asked for so many at a time. */
const PAGE = 100;

/**
 * Stops and removes this installation's containers whose run is over, as the agent would.
 *
 * The containers are listed before the leases are asked for: a lease is there before its container and never comes back, so what has
 * no lease then is over for good. Leases of all agents count. Runs that the API does not know may be another API's, with a live
 * lease there: their containers are left alone while they run, and until nobody can wait for them any more.
 *
 * @throws FlowctlError of the engine or the API
 */
export async function reapContainers(options: ReapOptions): Promise<ReapedContainer[]> {
  const { client, docker, home, clock, dryRun, ...keep } = options;
  const identity = readIdentity(home);
  // Nothing was ever started from here.
  if (identity === undefined) return [];
  const label = [`${LABELS.installation}=${identity.installation}`];
  const found = await docker.listContainers({ all: true, filters: { label } });
  const leases = await readLeases(client);
  const runs = await knownRuns(client, found.flatMap(({ Labels }) => Labels[LABELS.flowRun] ?? []));
  const now = clock.now();
  const ends = await findEnds(docker, found, now.epochMilliseconds - keep.keepMs);
  const isLive = (id: string) => leases.has(id);
  const verdicts = judgeLeftBehind(found, {
    now,
    ...keep,
    isLive,
    isKnown: (id) => runs.has(id),
    endedAt: (id) => ends.get(id),
  });
  const outcomes = new Map<string, { outcome: Outcome; why?: string }>();
  if (!dryRun) {
    await tidyContainers(docker, verdicts, {
      isLive,
      after: ({ act, container }) => outcomes.set(container.Id, { outcome: act === "stop" ? "stopped" : "removed" }),
      onError: ({ container }, error) => outcomes.set(container.Id, { outcome: "failed", why: messageOf(error) }),
    });
  }
  return verdicts.map(({ container, act, why }) => ({
    id: container.Id,
    name: nameOf(container),
    flow_run_id: container.Labels[LABELS.flowRun] ?? null,
    outcome: dryRun && act !== "keep" ? `would ${act}` : "kept",
    // Without an outcome the engine refused: it was started meanwhile, or somebody else is removing it.
    why: dryRun || act === "keep" || outcomes.has(container.Id) ? why : "the engine is busy with it",
    ...outcomes.get(container.Id),
  }));
}

async function readLeases(client: Client): Promise<Set<string>> {
  const agents = await client.agents.list();
  const leases = await Promise.all(agents.map(({ id }) => client.agents.leases(id)));
  return new Set(leases.flat().map(({ id }) => id));
}

async function knownRuns(client: Client, ids: string[]): Promise<Set<string>> {
  const known = new Set<string>();
  const wanted = [...new Set(ids)];
  for (let at = 0; at < wanted.length; at += PAGE) {
    const any_ = wanted.slice(at, at + PAGE);
    for (const { id } of await client.flowRuns.list({ flow_runs: { id: { any_ } }, limit: PAGE })) known.add(id);
  }
  return known;
}

/** An image or volume that was left behind. */
export interface ReapedImage extends Garbage {
  outcome: Outcome;
}

/** See {@link reapImages}. */
export interface ReapImagesOptions {
  client: Client;
  docker: Docker;
  home: string;
  /** Of this program. */
  version: string;
  dryRun: boolean;
}

/**
 * Removes this installation's default images and binary volumes of older versions that no container uses. What this program's
 * version uses stays, and what that of the home's agent uses, should it be another.
 *
 * @throws FlowctlError of the engine or the API
 */
export async function reapImages({ client, docker, home, version, dryRun }: ReapImagesOptions): Promise<ReapedImage[]> {
  const identity = readIdentity(home);
  if (identity === undefined) return [];
  const agent = await client.agents.read(identity.id).catch((error) => {
    if (isFlowctlError(error, "not_found")) return undefined;
    throw error;
  });
  const labels = { [LABELS.installation]: identity.installation };
  const versions = [version, ...agent?.version == null ? [] : [agent.version]];
  const reaped: ReapedImage[] = [];
  for (const one of await findGarbage({ docker, labels, versions })) {
    const outcome = dryRun ? "would remove" : await removeGarbage(docker, one) ? "removed" : "kept";
    reaped.push({ ...one, outcome, ...outcome === "kept" ? { why: "it is in use" } : {} });
  }
  return reaped;
}
