/**
 * All scenarios, in the order in which they run.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";
import { admin } from "./admin.ts";
import { badRequests } from "./bad_requests.ts";
import { deployments } from "./deployments.ts";
import { deploymentRuns } from "./deployment_runs.ts";
import { filters } from "./filters.ts";
import { flowRuns } from "./flow_runs.ts";
import { flowStates } from "./flow_states.ts";
import { flows } from "./flows.ts";
import { history } from "./history.ts";
import { logs } from "./logs.ts";
import { pauses } from "./pauses.ts";
import { schedules } from "./schedules.ts";
import { subFlows } from "./sub_flows.ts";
import { taskRuns } from "./task_runs.ts";
import { taskStates } from "./task_states.ts";

/** See the module's comment. */
export const SCENARIOS: readonly Scenario[] = [
  admin,
  flows,
  flowRuns,
  flowStates,
  pauses,
  subFlows,
  taskRuns,
  taskStates,
  deployments,
  deploymentRuns,
  schedules,
  filters,
  history,
  logs,
  badRequests,
];
