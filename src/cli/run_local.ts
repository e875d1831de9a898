/**
 * `flowctl run --path` and `--module`: the flow runs in this process, and no API hears of it.
 *
 * @module
 */

import { resolve } from "node:path";
import type { JsonObject } from "../domain/common.ts";
import type { LogLevelName } from "../domain/logs.ts";
import type { FoundFlow } from "../sdk/registration.ts";
import { FlowctlError } from "../support/errors.ts";
import { harmlessLine } from "../support/text.ts";
import type { Context } from "./context.ts";
import { load } from "./flow_sources.ts";
import { consoleBranch, sayEnd } from "./run_lines.ts";
import { readPairs } from "./run_values.ts";

/** Options of a run in this process. */
export interface LocalRunOptions {
  path?: string;
  module?: string;
  name?: string;
  parameters: JsonObject;
  param: string[];
  context: JsonObject;
  runName?: string;
  logLevel?: LogLevelName;
  logs: boolean;
  quiet: boolean;
  say: (text: string) => void;
}

/** See the module's comment. */
export async function runFromFile(
  context: Context,
  options: LocalRunOptions,
  write: (text: string) => void,
): Promise<void> {
  const { out, clock, random, signal } = context;
  const { quiet, logs, say } = options;
  const registering = await context.parts.registering();
  if (!quiet) write("Retrieving local flow...");
  let found: FoundFlow;
  try {
    const { path, module } = options;
    const file = path === undefined ? registering.moduleFile(module!, context.cwd) : resolve(context.cwd, path);
    found = chosen(await load(registering, file), path ?? module!, options.name);
  } catch (error) {
    if (!quiet) write(" Error\n");
    throw error;
  }
  if (!quiet) write(" Done\n");
  const { flow } = found;
  const parameters = {
    ...options.parameters,
    ...readPairs(options.param, "parameter", flow.parameterSchema),
  };
  if (!quiet && Object.keys(parameters).length > 0) {
    say("Parameters:");
    for (const [key, value] of Object.entries(parameters)) say(`└── ${harmlessLine(key)}: ${JSON.stringify(value)}`);
  }
  if (!quiet) say("Running flow locally...");
  const scratch = await context.parts.openScratch({ log: context.log("WARNING"), clock, random });
  try {
    const state = await registering.runLocally({
      client: scratch.client,
      flow,
      parameters,
      context: options.context,
      name: options.runName,
      logLevel: options.logLevel,
      print: (line) => quiet || !logs || say(consoleBranch(line)),
      signal,
    });
    context.exitCode = sayEnd(
      say,
      out.colors,
      { state_type: state?.type ?? null, state_name: state?.name ?? null },
      quiet,
    );
  } finally {
    await scratch.close();
  }
}

function chosen(found: FoundFlow[], place: string, name: string | undefined): FoundFlow {
  const names = found.map(({ flow }) => `"${harmlessLine(flow.name)}"`).join(", ") || "no flow";
  if (name !== undefined) {
    const one = found.find(({ flow }) => flow.name === name);
    if (one !== undefined) return one;
    throw new FlowctlError("not_found", `Cannot run flow "${name}": "${place}" defines ${names}`);
  }
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    throw new FlowctlError("user_code", `Cannot run a flow of "${place}": it defines none`, {
      hint: 'A flow is made by: flow("my-flow", () => { … })',
    });
  }
  throw new FlowctlError("invalid", `Cannot choose a flow of "${place}": it defines ${names}`, {
    hint: "Say which: --name NAME",
  });
}
