/**
 * What both `set_state` routes have in common.
 *
 * @module
 */

import type { Outcome } from "../orchestration/result.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { made } from "./route.ts";

/** 201 when a state was stored, be it the proposed one or another, else 200. */
export function answerOf({ written, ...result }: Outcome): Response {
  return made(result, written);
}

/** Where Prefect's model layer raises, a missing run is answered as `exception_message` and not as `detail`. */
export async function missingAs<T>(message: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (!isFlowctlError(error, "not_found")) throw error;
    throw new FlowctlError("not_found", message, { details: { exception: true }, cause: error });
  }
}
