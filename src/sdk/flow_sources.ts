/**
 * Which file defines a flow: what is bundled when its code goes into an image.
 *
 * It is the file that was loaded (who loads it says so) or started, which with all that it imports defines the flow in any case; where
 * nobody said which, the file that calls `flow()`.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { FlowctlError } from "../support/errors.ts";
import { userPlace } from "../support/stacks.ts";

const sources = new WeakMap<object, string>();

let main: string | undefined;

/** Remembers the file that a flow is defined by now. */
export function rememberSource(flow: object): void {
  const place = main ?? userPlace(new Error())?.file;
  // A virtual module has no path.
  if (place !== undefined && isAbsolute(place)) sources.set(flow, place);
}

/** Says which file is the main module. */
export const setMainSource = (file: string): void => void (main = file);

/** Says which file defines a flow, for what was loaded in another way. */
export const setSource = (flow: object, file: string): void => void sources.set(flow, file);

/** The file that defines a flow. @throws {FlowctlError} `invalid` when it is not known */
export function sourceOf(flow: { name: string }): string {
  const source = sources.get(flow);
  if (source !== undefined) return source;
  throw new FlowctlError("invalid", `Cannot find the code of flow "${flow.name}": no file is known to define it`, {
    hint: "Define the flow in a file of its own, and not by code that is made while the program runs",
  });
}
