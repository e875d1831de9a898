/**
 * A result with a cache key is kept for later runs.
 *
 * @module
 */

import type { TaskRunRule } from "../rule.ts";

/** Any → COMPLETED with a cache key. */
export const keepInCache: TaskRunRule = ({ to }) =>
  to.type === "COMPLETED" && to.state_details.cache_key !== null ? { kind: "amend", keepInCache: true } : undefined;
