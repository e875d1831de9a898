/**
 * `flowctl flow-run ls`: lists flow runs.
 *
 * @module
 */

import type { FlowRun } from "../../../domain/flow_runs.ts";
import type { FlowRunQuery } from "../../../domain/filters.ts";
import type { z } from "zod";
import { collect, command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";

/** See the module's comment. */
export const flowRunLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List flow runs, newest first",
    examples: [
      "flowctl flow-run ls",
      "flowctl flow-run ls --state Running --state Late",
      "flowctl flow-run ls --flow-name my-flow --limit 100 -o json",
    ],
  })
    .option("--limit <n>", "show at most so many", wholeNumber("--limit", { least: 1 }), 15)
    .option("--state <state>", "only in this state: a type (FAILED) or a name (Late); repeat for more", collect)
    .option("--flow-name <name>", "only of this flow; repeat for more", collect)
    .addOption(outputOption())
    .action(async (options) => {
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const query: z.input<typeof FlowRunQuery> = {
        flow_runs: options.state && { state: await stateFilter(options.state) },
        flows: options.flowName && { name: { any_: options.flowName } },
        sort: "EXPECTED_START_TIME_DESC",
      };
      const runs = await readPages((page) => client.flowRuns.list({ ...query, ...page }), options.limit);
      const flows = new Map<string, string>();
      if (options.output === "table" && runs.length > 0) {
        const ids = [...new Set(runs.map((run) => run.flow_id))];
        for (const flow of await readPages((page) => client.flows.list({ flows: { id: { any_: ids } }, ...page }))) {
          flows.set(flow.id, flow.name);
        }
      }
      await context.out.list<FlowRun>(options.output, runs, {
        columns: {
          Id: (run) => run.id,
          Flow: (run) => flows.get(run.flow_id) ?? "-",
          Name: (run) => run.name,
          State: (run) => ({ text: run.state_name ?? "-", type: run.state_type }),
          When: (run) => when(run.start_time ?? run.expected_start_time ?? run.created, context.clock),
        },
        name: (run) => run.id,
        empty: "No flow runs found",
      });
    });

/** What was said as a type or as a name; a name in any other case than its own finds nothing, so its first letter is raised. */
async function stateFilter(said: string[]) {
  const { StateType } = await import("../../../domain/states.ts");
  const types = said.map((text) => StateType.safeParse(text.toUpperCase()).data);
  if (types.every((type) => type !== undefined)) return { type: { any_: types } };
  return { name: { any_: said.map((text) => text.charAt(0).toUpperCase() + text.slice(1)) } };
}
