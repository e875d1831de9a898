/**
 * `flowctl flow-run inspect`: shows one flow run.
 *
 * @module
 */

import { harmless, harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";
import { fieldLines } from "../../output.ts";

/** See the module's comment. */
export const flowRunInspect: MakeCommand = (context) =>
  command(context, "inspect", {
    description: "Show a flow run",
    examples: ["flowctl flow-run inspect heavy-parakeet", "flowctl flow-run inspect heavy-parakeet -o yaml"],
  })
    .argument("<run>", "id, beginning of an id, or name")
    .addOption(outputOption())
    .action(async (text, options) => {
      const { readFlowRun } = await import("../../flow_run_ids.ts");
      const { exactly, howLong } = await import("../../times.ts");
      const { client } = await context.connect();
      const run = await readFlowRun(client, text, "show");
      const isTable = options.output === "table";
      const flow = isTable ? await client.flows.read(run.flow_id) : undefined;
      const deployment = isTable && run.deployment_id
        ? await client.deployments.read(run.deployment_id).catch(() => undefined)
        : undefined;
      const waiting = isTable ? await client.flowRuns.waiting(run.id).catch(() => null) : null;
      const { out, clock } = context;
      await out.item(options.output, run, {
        name: (one) => one.id,
        text: (one) =>
          fieldLines([
            ["Name", harmlessLine(one.name)],
            ["Id", one.id],
            ["State", out.state(one.state_type, one.state_name)],
            ["Message", one.state?.message && harmless(one.state.message)],
            ["Waits", waiting && [waiting.message, ...waiting.hint ? [waiting.hint] : []].map(harmlessLine).join("\n")],
            ["Until", waiting?.at && exactly(waiting.at, clock)],
            ["Try", waiting?.command && harmlessLine(waiting.command)],
            ["Project", one.project === "default" ? undefined : harmlessLine(one.project)],
            ["Flow", flow && harmlessLine(flow.name)],
            ["Deployment", deployment && harmlessLine(deployment.name)],
            ["Parameters", textOf(one.parameters)],
            ["Tags", harmlessLine(one.tags.join(", "))],
            ["Labels", harmlessLine(one.labels.join(", "))],
            ["Infrastructure", one.infrastructure_pid && harmlessLine(one.infrastructure_pid)],
            ["Attempt", one.attempt > 0 ? String(one.attempt) : undefined],
            ["Created", exactly(one.created, clock)],
            ["Expected", exactly(one.expected_start_time, clock)],
            ["Started", exactly(one.start_time, clock)],
            ["Ended", exactly(one.end_time, clock)],
            ["Run time", howLong(one.total_run_time)],
          ]),
      });
    });

const textOf = (parameters: Record<string, unknown>) =>
  Object.keys(parameters).length === 0 ? undefined : harmlessLine(JSON.stringify(parameters));
