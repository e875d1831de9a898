/**
 * The types of states and which are final, apart from the schemas: the dashboard is sent to browsers without them.
 *
 * @module
 */

/** The nine types, as Prefect 2.20 spells them. */
export const STATE_TYPES = [
  "SCHEDULED",
  "PENDING",
  "RUNNING",
  "PAUSED",
  "CANCELLING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "CRASHED",
] as const;

/** One of {@link STATE_TYPES}. */
export type StateType = typeof STATE_TYPES[number];

const FINAL: ReadonlySet<StateType> = new Set<StateType>(["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]);

/** Whether a run in that state is over. */
export const isFinal = (type: StateType | null | undefined): boolean => type != null && FINAL.has(type);

/** The final types, for queries. */
export const FINAL_STATES: readonly StateType[] = [...FINAL];
