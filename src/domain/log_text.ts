/**
 * A record as a line of text, in the shape that a run's own console has. Without schemas and Temporal: pages copy such lines.
 *
 * @module
 */

import { harmless, harmlessLine } from "../support/text.ts";
import { logLevelName } from "./log_levels.ts";

/** E.g. `[2026-11-21 22:33:58+0000] INFO - my-flow | Hello`; what the flow wrote is made harmless for terminals. */
export function logLine(
  { timestamp, level, name, message }: { timestamp: string; level: number; name: string; message: string },
): string {
  const time = `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)}+0000`;
  return `[${time}] ${logLevelName(level)} - ${harmlessLine(name)} | ${harmless(message)}`;
}
