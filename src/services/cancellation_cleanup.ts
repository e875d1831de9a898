/**
 * Cancels what belongs to cancelled runs.
 *
 * @module
 */

import { cleanUpCancelled } from "../orchestration/clean_up_cancelled.ts";
import { listOrphanedSubFlowRuns, listOrphanedTaskRuns } from "../store/due_runs.ts";
import { loop, type Service, type ServiceDeps } from "./service.ts";

/** How often, in milliseconds; Prefect's number. A cancelled run wakes it at once. */
export const CANCELLATION_CLEANUP_EVERY_MS = 20_000;

/** See the module's comment. */
export function cancellationCleanup({ store, clock, random, log }: ServiceDeps): Service {
  const anyLeft = async () => {
    const since = clock.now().subtract({ hours: 24 });
    return (await listOrphanedTaskRuns(store.read, since, 1)).length > 0 ||
      (await listOrphanedSubFlowRuns(store.read, since, 1)).length > 0;
  };
  const service = loop("cancellation_cleanup", CANCELLATION_CLEANUP_EVERY_MS, async () => {
    while (await anyLeft()) {
      const changed = await store.write((tx) => cleanUpCancelled(tx, { now: clock.now(), random }));
      if (changed === 0) return;
      log.debug(`Cancelled ${changed} runs together with their parents`);
    }
  }, { clock, random, log });
  const unsubscribe = store.changes.subscribe((change) => {
    if (change.kind === "flow_run" && change.state === "CANCELLED") service.wake();
  });
  return {
    ...service,
    async stop() {
      unsubscribe();
      await service.stop();
    },
  };
}
