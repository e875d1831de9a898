/**
 * A task whose result is kept already is not run again.
 *
 * @module
 */

import type { TaskRunRule } from "../rule.ts";

/** Any → RUNNING with a cache key that is known; `refresh_cache` asks to run anyway. */
export const retrieveCachedState: TaskRunRule = ({ to, cached }) => {
  const { cache_key: key, refresh_cache: refresh } = to.state_details;
  if (to.type !== "RUNNING" || key === null || refresh === true || cached === undefined) return undefined;
  const { type, message, data, state_details } = cached;
  return {
    kind: "reject",
    reason: "Retrieved state from cache",
    state: { type, name: "Cached", message, data, state_details },
  };
};
