/**
 * The server's loops.
 *
 * @module
 */

import { agents } from "./agents.ts";
import { cancellationCleanup } from "./cancellation_cleanup.ts";
import { lateRuns } from "./late_runs.ts";
import { leases } from "./leases.ts";
import { scheduler } from "./scheduler.ts";
import type { ServiceDeps } from "./service.ts";

export type { ServiceDeps } from "./service.ts";

/** Starts all services. An ephemeral API has none, as in Prefect. */
export function startServices(deps: ServiceDeps): { stop(): Promise<void> } {
  const named = { ...deps, log: deps.log.named("Services") };
  const services = [scheduler(named), lateRuns(named), leases(named), agents(named), cancellationCleanup(named)];
  return {
    /** Lets the work that is under way finish. */
    async stop() {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
