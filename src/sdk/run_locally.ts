/**
 * Runs a flow in this process for `flowctl run --path`: no agent, no server; the API it speaks to is thrown away afterwards.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { JsonObject } from "../domain/common.ts";
import type { LogLevelName } from "../domain/logs.ts";
import type { State } from "../domain/states.ts";
import { runFlow } from "../engine/run_flow.ts";
import { flowRunBody } from "../engine/sub_flows.ts";
import type { AnyFlow } from "./registry.ts";
import { secretMask } from "./secrets.ts";

/** What {@link runLocally} needs. */
export interface RunLocallyOptions {
  client: Client;
  flow: AnyFlow;
  parameters: JsonObject;
  context: JsonObject;
  name?: string;
  logLevel?: LogLevelName;
  /** Takes one console line without its newline. */
  print: (line: string) => void;
  signal: AbortSignal;
}

/** Runs it; answers the state it ended in. */
export async function runLocally(options: RunLocallyOptions): Promise<State | null> {
  const { client, flow, parameters, context, name, logLevel, print, signal } = options;
  const { definition } = flow;
  const { id } = await client.flows.create({ name: definition.name, project: definition.project });
  const run = await client.flowRuns.create({ ...flowRunBody(definition, id, parameters), context, name });
  const { state } = await runFlow(definition, {
    client,
    run,
    parameters,
    print,
    signal,
    logLevel,
    hide: secretMask.hide,
  });
  return state;
}
