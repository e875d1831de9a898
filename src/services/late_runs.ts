/**
 * Marks runs Late that nobody started in time.
 *
 * @module
 */

import { LATE_AFTER_SECONDS, LATE_BATCH, markLate } from "../orchestration/mark_late.ts";
import { listUnstartedRuns } from "../store/due_runs.ts";
import { loop, type Service, type ServiceDeps } from "./service.ts";

/** How often, in milliseconds; Prefect's number. */
export const LATE_RUNS_EVERY_MS = 5_000;

/** See the module's comment. */
export const lateRuns = ({ store, clock, random, log }: ServiceDeps): Service =>
  loop("late_runs", LATE_RUNS_EVERY_MS, async () => {
    for (let marked = LATE_BATCH; marked === LATE_BATCH;) {
      // Asked before, so that an idle server takes no lock.
      const due = clock.now().subtract({ seconds: LATE_AFTER_SECONDS });
      if ((await listUnstartedRuns(store.read, due, 1)).length === 0) return;
      marked = await store.write((tx) => markLate(tx, { now: clock.now(), random }));
      log.debug(`Marked ${marked} runs late`);
    }
  }, { clock, random, log });
