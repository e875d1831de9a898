/**
 * `flowctl get logs`: lists what a flow run logged.
 *
 * @module
 */

import { FlowctlError } from "../../../support/errors.ts";
import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const getLogs: MakeCommand = (context) =>
  command(context, "logs", {
    description: "List the log records of a flow run, or of the newest one of a name",
    examples: [
      "flowctl get logs -n heavy-parakeet",
      "flowctl get logs --id 01a1fe6e-60bc-7239-a164-b03f5d40d204 --info",
    ],
  })
    .option("-n, --name <name>", "name of the flow run")
    .option("--id <id>", "id of the flow run, or its beginning")
    .option("-i, --info", "show the logger and the task run too")
    .addOption(outputOption())
    .action(async ({ name, id, info, output }) => {
      const { newestRun } = await import("../../older_filters.ts");
      const { readFlowRun } = await import("../../flow_run_ids.ts");
      const { readPages } = await import("../../pages.ts");
      const { logLevelName } = await import("../../../domain/logs.ts");
      if ((name === undefined) === (id === undefined)) {
        throw new FlowctlError("invalid", "Cannot read logs: say the flow run either by --name or by --id", {
          hint: "List flow runs with: flowctl get flow-runs",
        });
      }
      const { client } = await context.connect();
      const run = id === undefined
        ? await newestRun(client, name!, "read the logs of")
        : await readFlowRun(client, id, "read the logs of");
      const logs = { flow_run_id: { any_: [run.id] } };
      const rows = await readPages((page) => client.logs.list({ logs, sort: "TIMESTAMP_ASC", ...page }));
      await context.out.list(output, rows, {
        columns: {
          Timestamp: (row) => row.timestamp,
          Level: (row) => logLevelName(row.level),
          ...(info ? { "Logger": (row) => row.name, "Task run": (row) => row.task_run_id ?? "-" } : {}),
          Message: (row) => row.message,
        },
        name: (row) => row.id,
        empty: "No logs found",
      });
    });
