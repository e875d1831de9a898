/**
 * Which containers of this installation are to be stopped or removed, and why. Pure; the agent asks with its own view of what is
 * live, `flowctl agent reap` with the API's.
 *
 * @module
 */

import type { ContainerInfo } from "../docker/types.ts";
import { ADOPTION_GRACE_SECONDS } from "../domain/agents.ts";
import { LABELS } from "./runner.ts";

/** What is to be done with a container. */
export interface LeftBehind {
  container: ContainerInfo;
  /** `keep` is said only of what one would expect to be stopped or removed. */
  act: "stop" | "remove" | "keep";
  why: string;
}

/** See {@link judgeLeftBehind}. */
export interface LeftBehindRules {
  now: Temporal.Instant;
  /** How long finished containers are kept, in milliseconds. */
  keepMs: number;
  /** How many finished containers are kept at most. */
  keepCount: number;
  /** Whether a lease is held by anybody. What it names is not touched. */
  isLive: (leaseId: string) => boolean;
  /** Whether the one who was asked about leases knows of a run; of a run that it never heard of it can't say that it is over. */
  isKnown: (flowRunId: string) => boolean;
  /** When a container ended, in epoch milliseconds, as far as it is known. */
  endedAt: (containerId: string) => number | undefined;
}

/** The label of what `flowctl doctor` starts to try the way to the API. */
export const PROBE_LABEL = "dev.flowctl.probe";
/** A probe takes seconds. */
const PROBE_MS = 600_000;
const GRACE_MS = ADOPTION_GRACE_SECONDS * 1000;
const RUNNING = ["running", "paused", "restarting"];

/** Judges what was found, newest first. Containers about which there is nothing to say are left out. */
export function judgeLeftBehind(found: readonly ContainerInfo[], rules: LeftBehindRules): LeftBehind[] {
  const { now, keepMs, keepCount, isLive, isKnown, endedAt } = rules;
  const age = (epochMs: number) => now.epochMilliseconds - epochMs;
  const verdicts: LeftBehind[] = [];
  let finished = 0;
  for (const container of [...found].sort((a, b) => b.Created - a.Created)) {
    const { Id, State, Labels, Created } = container;
    const say = (act: LeftBehind["act"], why: string) => verdicts.push({ container, act, why });
    const lease = Labels[LABELS.lease];
    if (lease === undefined) {
      if (PROBE_LABEL in Labels && age(Created * 1000) > PROBE_MS) say("remove", "a check left it behind");
      continue;
    }
    if (isLive(lease)) continue;
    // What fills a volume bears the lease, too, but no run.
    const run = Labels[LABELS.flowRun];
    const isOurs = run === undefined || isKnown(run);
    if (RUNNING.includes(State)) {
      if (isOurs) say("stop", "its run is over, or no longer this agent's");
      else say("keep", "it runs, and the API in use does not know its run");
      continue;
    }
    if (State === "created") {
      if (isOurs || age(Created * 1000) > GRACE_MS) say("remove", "it was never started");
      continue;
    }
    finished += 1;
    const ended = endedAt(Id);
    const keptMs = isOurs ? keepMs : Math.max(keepMs, GRACE_MS);
    if (isOurs && Labels[LABELS.autoRemove] === "true") say("remove", "its deployment says autoRemove");
    else if (ended !== undefined && age(ended) > keptMs) say("remove", `it ended more than ${hours(keptMs)} ago`);
    else if (isOurs && finished > keepCount) say("remove", `more than ${keepCount} finished containers are kept`);
  }
  return verdicts;
}

function hours(ms: number): string {
  const count = Math.round(ms / 36_000) / 100;
  return `${count} ${count === 1 ? "hour" : "hours"}`;
}
