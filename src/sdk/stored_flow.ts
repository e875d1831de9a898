/**
 * Loads a flow from where Docker storage put it in an image.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { loadStored } from "../bundles/loader.ts";
import { FlowctlError } from "../support/errors.ts";
import { type AnyFlow, collect } from "./registry.ts";

/** Whether a flow's code lies at that path here. */
export const isStoredHere = (path: string): boolean => existsSync(path);

/**
 * Loads the code and picks the flow.
 *
 * @throws {FlowctlError} `not_found` when nothing is at the path, `user_code` when it does not load, `invalid` when it defines other flows
 */
export async function loadStoredFlow(path: string, name: string): Promise<AnyFlow> {
  if (!isStoredHere(path)) {
    throw new FlowctlError("not_found", `Cannot load flow "${name}": there is no "${path}" in the image`, {
      hint: "Run it in the image that its storage built, or register the flow again",
    });
  }
  const { flows } = await collect(() => loadStored(path));
  const found = flows.find((flow) => flow.name === name);
  if (found !== undefined) return found;
  const names = flows.map((flow) => `"${flow.name}"`).join(", ") || "no flow";
  throw new FlowctlError("invalid", `Cannot load flow "${name}": "${path}" in the image defines ${names}`);
}
