/**
 * Keeps the coming runs of schedules made: at least three, and an hour ahead. A deployment that was just made or changed has its
 * runs at once, also when another process made it.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import { SCHEDULE_DEFAULTS, scheduleRuns } from "../orchestration/schedule_runs.ts";
import { listDeploymentsUpdatedSince, listDeploymentsWithoutRuns } from "../store/due_runs.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { loop, type Service, type ServiceDeps } from "./service.ts";

/** How often all deployments are looked at, in milliseconds; Prefect's number. */
export const SCHEDULER_EVERY_MS = 60_000;

/** How many deployments one question answers. */
const BATCH = 100;

/** How far back "just changed" reaches, in seconds: a change is stamped when its write is asked for and seen when it is committed. */
const OVERLAP_SECONDS = 10;

/** See the module's comment. */
export function scheduler({ store, clock, random, log }: ServiceDeps): Service {
  const changed = new Set<Id>();
  let elsewhere = false;
  let nextFullLook: Temporal.Instant | undefined;
  let lastLook = clock.now();

  const schedule = async (id: Id) => {
    try {
      const made = await store.write((tx) => scheduleRuns(tx, id, { now: clock.now(), random }));
      if (made > 0) log.debug(`Scheduled ${made} runs of deployment "${id}"`);
    } catch (error) {
      if (isFlowctlError(error, "not_found")) return; // Deleted in the meantime.
      log.warning(`Cannot schedule runs of deployment "${id}": ${messageOf(error)}`);
    }
  };

  const lookAtAll = async () => {
    for (let after = "";;) {
      const now = clock.now();
      const { minRuns, minSeconds } = SCHEDULE_DEFAULTS;
      const until = now.add({ seconds: minSeconds });
      const ids = await listDeploymentsWithoutRuns(store.read, { minRuns, until, after, limit: BATCH }, now);
      for (const id of ids) await schedule(id);
      if (ids.length < BATCH) return;
      after = ids[ids.length - 1];
    }
  };

  const work = async () => {
    const now = clock.now();
    if (elsewhere) {
      elsewhere = false;
      const since = lastLook.subtract({ seconds: OVERLAP_SECONDS });
      for (const id of await listDeploymentsUpdatedSince(store.read, since)) changed.add(id);
    }
    lastLook = now;
    const ids = [...changed];
    changed.clear();
    for (const id of ids) await schedule(id);
    if (nextFullLook && Temporal.Instant.compare(now, nextFullLook) < 0) return;
    nextFullLook = now.add({ milliseconds: SCHEDULER_EVERY_MS * 0.9 });
    await lookAtAll();
  };

  const service = loop("scheduler", SCHEDULER_EVERY_MS, work, { clock, random, log });
  const unsubscribe = store.changes.subscribe((change) => {
    if (change.kind === "deployment") changed.add(change.id);
    else if (change.kind === "elsewhere") elsewhere = true;
    else return;
    service.wake();
  });
  return {
    ...service,
    async stop() {
      unsubscribe();
      await service.stop();
    },
  };
}
