/**
 * `flowctl flow-run execute`: runs a flow run in this process; what a container or subprocess of an agent calls.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand } from "../../command.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const CHECK_MS = 5000;

/** See the module's comment. */
export const flowRunExecute: MakeCommand = (context) =>
  command(context, "execute", {
    description: "Run a flow run in this process; agents call it in what they start",
    examples: [
      "flowctl flow-run execute 0199c0de-0000-7000-8000-000000000001",
      "flowctl flow-run execute",
      "flowctl flow-run execute --check",
    ],
    notes: "Without an id it reads FLOWCTL_FLOW_RUN_ID.",
  })
    .argument("[id]", "whole id of the flow run")
    .option("--check", "run nothing: only ask whether the API answers")
    .action(async (given, options) => {
      if (options.check) {
        const { client, address } = await context.connect();
        await client.admin.health(AbortSignal.timeout(CHECK_MS));
        return context.out.line(`The API at ${address} answers`);
      }
      const id = given ?? context.env.FLOWCTL_FLOW_RUN_ID;
      if (!id) {
        throw new FlowctlError("invalid", "Cannot execute a flow run: no id was given", {
          hint: "Give the id, or set FLOWCTL_FLOW_RUN_ID",
        });
      }
      if (!UUID.test(id)) throw new FlowctlError("invalid", `Cannot execute flow run "${id}": it is not a whole id`);
      const { client } = await context.connect();
      const execution = context.parts.executeFlowRun({
        client,
        flowRunId: id.toLowerCase(),
        clock: context.clock,
        env: context.env,
        print: context.out.line,
        signal: context.signal,
      });
      context.exitCode = await execution.catch((error) => {
        if (!isFlowctlError(error, "not_found")) throw error;
        throw new FlowctlError("not_found", `Cannot execute flow run "${id}": ${error.message}`, { cause: error });
      });
    });
