/**
 * Errors of user code that nobody waits for: unhandled rejections, and throws in timers and event handlers.
 *
 * Bun would print them and go on, Deno would end the process at once; with both handlers set the two behave alike, and the run
 * fails with the reason.
 *
 * @module
 */

import process from "node:process";

const watching = new Set<AbortController>();

const tell = (error: unknown) => {
  for (const controller of watching) controller.abort(error);
};

/** Watches as long as a flow runs. The signal's reason is the error. */
export function watchUncaught(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  if (watching.size === 0) {
    process.on("unhandledRejection", tell);
    process.on("uncaughtException", tell);
  }
  watching.add(controller);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      watching.delete(controller);
      if (watching.size > 0) return;
      process.off("unhandledRejection", tell);
      process.off("uncaughtException", tell);
    },
  };
}
