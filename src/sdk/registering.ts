/**
 * What the commands of the older dialect do with flow files: find flows, read what `flowctl build` wrote, and all of `registration.ts`.
 *
 * @module
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import { bun } from "../bundles/bun.ts";
import { userFile } from "../bundles/loader.ts";
import { FlowctlError } from "../support/errors.ts";
import { setSource } from "./flow_sources.ts";
import { loadFlowFile } from "./load_flow_file.ts";
import { type FoundFlow, type PreparedFlow, SerializedFlow } from "./registration.ts";

export * from "./registration.ts";
export { runLocally } from "./run_locally.ts";

/** The flows that a file defines. Its calls of `register()` and of flows do nothing. @throws {FlowctlError} as `loadFile` */
export async function findFlows(path: string): Promise<FoundFlow[]> {
  const file = userFile(path);
  const { flows, tasks } = await loadFlowFile(path, ({ flows, deployments }) => [
    ...flows.map(({ flowRunner }) => flowRunner?.toSpec()),
    ...deployments.map(({ flowRunner }) => flowRunner.toSpec()),
  ]);
  // Where a flow is made in what the file imports, or in a virtual module: loading this file defines it, so its bundle does.
  for (const flow of flows) setSource(flow, file);
  return flows.map((flow) => ({ flow, path: file, tasks }));
}

/** The file of a module as a file in `folder` would import it: `my-flows`, `my-flows/etl`. @throws {FlowctlError} `not_found` */
export function moduleFile(name: string, folder: string): string {
  try {
    return bun === undefined ? createRequire(join(folder, "flow.js")).resolve(name) : bun.resolveSync(name, folder);
  } catch (cause) {
    throw new FlowctlError("not_found", `Cannot find module "${name}": it is not installed for "${folder}"`, {
      hint: "Give a file with --path instead",
      cause,
    });
  }
}

const FlowsFile = z.object({ version: z.literal(1), flows: z.array(SerializedFlow) });

/** Reads what `flowctl build` wrote. @param from Where it was, for messages. @throws {FlowctlError} `invalid` */
export function parseFlowsFile(text: string, from: string): SerializedFlow[] {
  const refuse = (why: string, cause?: unknown): never => {
    throw new FlowctlError("invalid", `Cannot read flows from "${from}": ${why}`, {
      hint: "Write such a file with: flowctl build",
      cause,
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse("it is not JSON", error);
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (version !== 1) {
    refuse(version === undefined ? "it has no version" : `its version is ${JSON.stringify(version)}, not 1`);
  }
  const parsed = FlowsFile.safeParse(value);
  if (parsed.success) return parsed.data.flows;
  const { path, message } = parsed.error.issues[0];
  return refuse(`${path.join(".")}: ${message.replace(/\.$/, "")}`);
}

/** Flows of {@link parseFlowsFile}, ready to be sent: they were built. */
export const preparedFromFile = (flows: readonly SerializedFlow[], labels: readonly string[]): PreparedFlow[] =>
  flows.map((flow) => ({
    name: flow.flow_name,
    storage: undefined,
    isBuilt: true,
    fields: { ...flow, labels: [...new Set([...flow.labels ?? [], ...labels])].sort() },
  }));

/** The text of such a file, flows by name. */
export const flowsFileText = (flows: readonly SerializedFlow[]): string =>
  JSON.stringify({ version: 1, flows: flows.toSorted((a, b) => a.flow_name < b.flow_name ? -1 : 1) }, null, 2) + "\n";
