/**
 * The levels of log records, apart from the schemas: the dashboard is sent to browsers without them.
 *
 * @module
 */

/** Python's numbers, which are on the wire. */
export const LOG_LEVELS = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;
/** `DEBUG` … `CRITICAL`. */
export type LogLevelName = keyof typeof LOG_LEVELS;

/** The word for a number, e.g. 20 → `INFO`; between two levels the lower one. */
export function logLevelName(level: number): LogLevelName {
  if (level >= 50) return "CRITICAL";
  if (level >= 40) return "ERROR";
  if (level >= 30) return "WARNING";
  return level >= 20 ? "INFO" : "DEBUG";
}
