/**
 * What `set_state` answers: the server accepts a proposed state, chooses another, asks to wait, or refuses.
 *
 * @module
 */

import { z } from "zod";
import { State, StateCreate } from "./states.ts";

/** `POST /…/set_state`. `force` skips the rules, never the bookkeeping. */
export const SetState = z.object({
  state: StateCreate,
  force: z.boolean().nullish().transform((force) => force ?? false),
});
/** See {@link SetState}. */
export type SetState = z.input<typeof SetState>;

/** The union is told apart by `type`, which Prefect's client needs in every answer. */
export const OrchestrationDetails = z.discriminatedUnion("type", [
  z.object({ type: z.literal("accept_details") }),
  z.object({ type: z.literal("reject_details"), reason: z.string() }),
  z.object({ type: z.literal("wait_details"), delay_seconds: z.int(), reason: z.string() }),
  z.object({ type: z.literal("abort_details"), reason: z.string() }),
]);

/** The answer; `state` is the run's state after the call (null only when the run has none). */
export const OrchestrationResult = z.object({
  state: State.nullable(),
  status: z.enum(["ACCEPT", "REJECT", "WAIT", "ABORT"]),
  details: OrchestrationDetails,
});
/** See {@link OrchestrationResult}. */
export type OrchestrationResult = z.output<typeof OrchestrationResult>;
