/**
 * Stops and removes containers as `left_behind.ts` judged.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import type { ContainerInfo } from "../docker/types.ts";
import { isFlowctlError } from "../support/errors.ts";
import type { LeftBehind } from "./left_behind.ts";
import { LABELS } from "./runner.ts";

const STOP_GRACE_SECONDS = 30;

/** A container's name without the engine's `/`. */
export const nameOf = ({ Names, Id }: ContainerInfo): string => Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12);

/**
 * When those ended that have, and were created before a time in epoch milliseconds: only they may have been kept long enough.
 * The list tells only when they were created, and a run of two days must not vanish as it ends.
 */
export async function findEnds(
  docker: Docker,
  found: readonly ContainerInfo[],
  createdBefore: number,
): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const { Id, State, Created } of found) {
    if (!["exited", "dead", "stopped"].includes(State) || Created * 1000 > createdBefore) continue;
    try {
      const end = Date.parse((await docker.getContainer(Id).inspect()).State.FinishedAt);
      if (end > 0) ends.set(Id, end);
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
    }
  }
  return ends;
}

/** See {@link tidyContainers}. */
export interface TidyOptions {
  /** Asked once more just before a container is touched. */
  isLive: (leaseId: string) => boolean;
  before?: (one: LeftBehind) => void;
  after?: (one: LeftBehind) => void;
  onError: (one: LeftBehind, error: unknown) => void;
}

/** Carries the verdicts out: stops at once, as each has its grace, removals one after the other. */
export async function tidyContainers(
  docker: Docker,
  verdicts: readonly LeftBehind[],
  { isLive, before = () => {}, after = () => {}, onError }: TidyOptions,
): Promise<void> {
  const act = async (one: LeftBehind, work: () => Promise<void>) => {
    if (isLive(one.container.Labels[LABELS.lease] ?? "")) return;
    before(one);
    try {
      await work();
      after(one);
    } catch (error) {
      if (isFlowctlError(error, "not_found")) after(one);
      // Somebody else is at it, or started it meanwhile.
      else if (!isFlowctlError(error, "conflict")) onError(one, error);
    }
  };
  const of = (kind: LeftBehind["act"]) => verdicts.filter((one) => one.act === kind);
  await Promise.all(
    of("stop").map((one) => act(one, () => docker.getContainer(one.container.Id).stop({ t: STOP_GRACE_SECONDS }))),
  );
  for (const one of of("remove")) {
    // A probe may still run; nothing else that is to be removed does.
    const force = one.container.Labels[LABELS.lease] === undefined;
    await act(one, () => docker.getContainer(one.container.Id).remove({ v: true, force }));
  }
}
