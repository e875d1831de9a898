/**
 * Makes the state that is stored out of what was proposed or chosen.
 *
 * @module
 */

import {
  defaultStateName,
  emptyStateDetails,
  type ProposedState,
  type State,
  type StateDetails,
} from "../domain/states.ts";
import { formatInstant } from "../support/clock.ts";
import { newId } from "../support/ids.ts";
import type { ChosenState } from "./rule.ts";

/**
 * The server stamps its own id and time; a state without a name gets its type's, and SCHEDULED without a time is for now.
 *
 * @param from The state before: no state is older than it, also when the machine's clock was set back.
 */
export function newState(
  proposed: ProposedState | ChosenState,
  owner: Partial<StateDetails>,
  from: State | null,
  now: Temporal.Instant,
): State {
  const stamp = formatInstant(now);
  const timestamp = from !== null && from.timestamp > stamp ? from.timestamp : stamp;
  const details: StateDetails = { ...emptyStateDetails(), ...proposed.state_details, ...owner };
  if (proposed.type === "SCHEDULED") details.scheduled_time ??= stamp;
  return {
    id: newId(),
    type: proposed.type,
    name: proposed.name ?? defaultStateName(proposed.type),
    timestamp,
    message: proposed.message ?? null,
    data: proposed.data ?? null,
    state_details: details,
  };
}
