/**
 * The ordered lists of rules: the table of contents of this folder. The order is Prefect 2.20's.
 *
 * @module
 */

import type { FlowRunRule, TaskRunRule } from "./rule.ts";
import { addUnknownResult } from "./rules/add_unknown_result.ts";
import { bypassCancellingWithoutInfrastructure } from "./rules/bypass_cancelling_without_infrastructure.ts";
import { copyScheduledTime } from "./rules/copy_scheduled_time.ts";
import { enforceCancellingToCancelled } from "./rules/enforce_cancelling_to_cancelled.ts";
import { ensureOnlyScheduledFlowsMarkedLate } from "./rules/ensure_only_scheduled_flows_marked_late.ts";
import { handleFlowTerminalStateTransitions } from "./rules/handle_flow_terminal_state_transitions.ts";
import { handlePausingFlows } from "./rules/handle_pausing_flows.ts";
import { handleResumingPausedFlows } from "./rules/handle_resuming_paused_flows.ts";
import { handleTaskTerminalStateTransitions } from "./rules/handle_task_terminal_state_transitions.ts";
import { keepInCache } from "./rules/keep_in_cache.ts";
import { preventDuplicateTransitions } from "./rules/prevent_duplicate_transitions.ts";
import { preventPendingTransitions } from "./rules/prevent_pending_transitions.ts";
import { preventRunningTasksFromStoppedFlows } from "./rules/prevent_running_tasks_from_stopped_flows.ts";
import { renameReruns } from "./rules/rename_reruns.ts";
import { retrieveCachedState } from "./rules/retrieve_cached_state.ts";
import { retryFailedFlows } from "./rules/retry_failed_flows.ts";
import { retryFailedTasks } from "./rules/retry_failed_tasks.ts";
import { trackFlowRunCount } from "./rules/track_flow_run_count.ts";
import { waitForScheduledTime } from "./rules/wait_for_scheduled_time.ts";

/** For flow runs. */
export const FLOW_POLICY: readonly FlowRunRule[] = [
  preventDuplicateTransitions,
  handleFlowTerminalStateTransitions,
  enforceCancellingToCancelled,
  bypassCancellingWithoutInfrastructure,
  preventPendingTransitions,
  ensureOnlyScheduledFlowsMarkedLate,
  handlePausingFlows,
  handleResumingPausedFlows,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedFlows,
];

/** For flow runs with `force`. */
export const FORCED_FLOW_POLICY: readonly FlowRunRule[] = [bypassCancellingWithoutInfrastructure, addUnknownResult];

/** For the service that marks late runs. */
export const LATE_POLICY: readonly FlowRunRule[] = [ensureOnlyScheduledFlowsMarkedLate];

/** For task runs of a flow run. */
export const TASK_POLICY: readonly TaskRunRule[] = [
  retrieveCachedState,
  handleTaskTerminalStateTransitions,
  preventRunningTasksFromStoppedFlows,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedTasks,
  renameReruns,
  trackFlowRunCount,
  keepInCache,
];

/** For task runs without a flow run. */
export const LONE_TASK_POLICY: readonly TaskRunRule[] = [preventPendingTransitions, ...TASK_POLICY];

/** For task runs with `force`. */
export const FORCED_TASK_POLICY: readonly TaskRunRule[] = [addUnknownResult];
