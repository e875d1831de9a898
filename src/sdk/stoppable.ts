/**
 * Long work in a user's file that Ctrl-C stops in an orderly way: what it began elsewhere ends, too.
 *
 * @module
 */

import process from "node:process";
import { FlowctlError } from "../support/errors.ts";

/**
 * Works until done or stopped. Without a signal of the caller, SIGINT and SIGTERM stop it; the process goes on, and ends as its main
 * program decides.
 */
export async function stoppable<T>(
  action: string,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (given !== undefined) return await work(given);
  const controller = new AbortController();
  const stop = () => controller.abort(new FlowctlError("cancelled", `Cannot ${action}: it was stopped`));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
