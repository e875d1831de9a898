/**
 * Sees to the leases of agents that went away.
 *
 * @module
 */

import { lapseLeases } from "../orchestration/leases.ts";
import { listLapsedLeases } from "../store/leases.ts";
import { loop, type Service, type ServiceDeps } from "./service.ts";

/** How often, in milliseconds: a sixth of a lease's life. */
export const LEASES_EVERY_MS = 5_000;

/** See the module's comment. */
export const leases = ({ store, clock, random, log }: ServiceDeps): Service =>
  loop("leases", LEASES_EVERY_MS, async () => {
    if ((await listLapsedLeases(store.read, clock.now())).length === 0) return;
    const { rescheduled, lost, ended } = await store.write((tx) => lapseLeases(tx, { now: clock.now(), random }));
    if (rescheduled > 0) log.warning(`Gave back ${rescheduled} runs whose agent went away before it started them`);
    if (lost > 0) {
      log.warning(`Lost the agent of ${lost} runs: they go on, and it may come back`);
    }
    if (ended > 0) log.warning(`Ended ${ended} runs that no agent took over`);
  }, { clock, random, log });
