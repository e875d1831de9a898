/**
 * A task that runs once more says so.
 *
 * @module
 */

import type { TaskRunRule } from "../rule.ts";

/** Any → RUNNING of a task that ran before: "Retrying" after AwaitingRetry, else "Rerunning". */
export const renameReruns: TaskRunRule = ({ run, from, to }) => {
  if (to.type !== "RUNNING" || run.run_count === 0) return undefined;
  return { kind: "amend", to: { name: from?.name === "AwaitingRetry" ? "Retrying" : "Rerunning" } };
};
