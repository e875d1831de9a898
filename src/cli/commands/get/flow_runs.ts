/**
 * `flowctl get flow-runs`: lists flow runs.
 *
 * @module
 */

import { command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";

/** See the module's comment. */
export const getFlowRuns: MakeCommand = (context) =>
  command(context, "flow-runs", {
    description: "List flow runs, newest first",
    examples: ["flowctl get flow-runs", "flowctl get flow-runs -f docker_1_flow -p docker_1_project --started -l 50"],
  })
    .option("-f, --flow <name>", "only runs of this flow")
    .option("-p, --project <project>", "only runs of this project's flows")
    .option("-l, --limit <n>", "show at most so many", wholeNumber("--limit", { least: 1 }), 10)
    .option("-s, --started", "only those that have started, the last one first")
    .addOption(outputOption())
    .action(async ({ flow, project, limit, started, output }) => {
      const { flowsOf } = await import("../../older_filters.ts");
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const rows = await readPages((page) =>
        client.flowRuns.list({
          flows: flowsOf({ name: flow, project }),
          flow_runs: started ? { start_time: { is_null_: false } } : undefined,
          sort: started ? "START_TIME_DESC" : "ID_DESC",
          ...page,
        }), limit);
      const flows = new Map<string, string>();
      if (output === "table" && rows.length > 0) {
        const ids = [...new Set(rows.map((run) => run.flow_id))];
        const named = await readPages((page) => client.flows.list({ flows: { id: { any_: ids } }, ...page }));
        for (const one of named) flows.set(one.id, one.name);
      }
      await context.out.list(output, rows, {
        columns: {
          "Name": (run) => run.name,
          "Flow name": (run) => flows.get(run.flow_id) ?? "-",
          "State": (run) => ({ text: run.state_name ?? "-", type: run.state_type }),
          "Age": (run) => when(run.created, context.clock),
          "Start time": (run) => run.start_time?.slice(0, 19).replace("T", " ") ?? "-",
          "Id": (run) => run.id,
        },
        name: (run) => run.id,
        empty: "No flow runs found",
      });
    });
