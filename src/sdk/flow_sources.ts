/**
 * Which file defines a flow: what is bundled when its code goes into an image.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { FlowctlError } from "../support/errors.ts";
import { userPlace } from "../support/stacks.ts";

const sources = new WeakMap<object, string>();

let loading: string | undefined;

/** Remembers the file that calls `flow()` now. A virtual module has no path; then the file that is being loaded counts. */
export function rememberSource(flow: object): void {
  const file = userPlace(new Error())?.file;
  const source = file !== undefined && isAbsolute(file) ? file : loading;
  if (source !== undefined) sources.set(flow, source);
}

/** Says which file's flows are defined while something is loaded. */
export async function whileLoading<T>(file: string, load: () => Promise<T>): Promise<T> {
  const before = loading;
  loading = file;
  try {
    return await load();
  } finally {
    loading = before;
  }
}

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
