/**
 * A flow called in a plain file: it runs in this process and is reported to the API in use.
 *
 * @module
 */

import process from "node:process";
import type { Client } from "../client/client.ts";
import { isFinal } from "../domain/states.ts";
import type { FlowDefinition } from "../engine/definitions.ts";
import { runFlow } from "../engine/run_flow.ts";
import { flowRunBody } from "../engine/sub_flows.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { systemClock } from "../support/clock.ts";
import { withClient } from "./client_provider.ts";
import { printLine } from "./print_line.ts";
import { secretMask } from "./secrets.ts";

/** Runs a flow outside of any run. @throws what the flow threw */
export async function callFlow(definition: FlowDefinition, parameters: unknown): Promise<unknown> {
  return await withClient(async ({ client, print = printLine }) => {
    const { id } = await client.flows.create({ name: definition.name, project: definition.project });
    const run = await client.flowRuns.create(flowRunBody(definition, id, parameters));
    const stop = new AbortController();
    const done = new AbortController();
    const onSignal = () => stop.abort();
    process.once("SIGTERM", onSignal).once("SIGINT", onSignal);
    const watching = watchForCancel(client, run.id, stop, done.signal);
    try {
      const outcome = await runFlow(definition, {
        client,
        run,
        parameters,
        print,
        signal: stop.signal,
        hide: secretMask.hide,
      });
      if (outcome.ok) return outcome.value;
      throw outcome.error;
    } finally {
      done.abort();
      process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
      await watching;
    }
  });
}

/** No agent stands by that could send a signal: the run itself asks whether somebody cancelled it. */
async function watchForCancel(client: Client, id: string, stop: AbortController, done: AbortSignal): Promise<void> {
  let stateId: string | null = null;
  while (!done.aborted) {
    try {
      const run = await client.flowRuns.wait(id, stateId, 30, done);
      stateId = run.state_id;
      if (run.state_type === "CANCELLING" || run.state_type === "CANCELLED") {
        return stop.abort(new FlowctlError("cancelled", `Cannot finish flow run "${run.name}": it was cancelled`));
      }
      if (isFinal(run.state_type)) return;
    } catch (error) {
      if (done.aborted || isFlowctlError(error, "not_found")) return;
      await systemClock.sleep(1000, done);
    }
  }
}
