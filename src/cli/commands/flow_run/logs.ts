/**
 * `flowctl flow-run logs`: prints what a flow run logged.
 *
 * @module
 */

import type { FlowRun } from "../../../domain/flow_runs.ts";
import type { Log } from "../../../domain/logs.ts";
import { harmlessLine } from "../../../support/text.ts";
import { command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";
import type { Context } from "../../context.ts";
import type { Connection } from "../../parts.ts";

/** Lines of `--tail` when no number is said. */
const TAIL = 20;

/** See the module's comment. */
export const flowRunLogs: MakeCommand = (context) =>
  command(context, "logs", {
    description: "Print the logs of a flow run",
    examples: [
      "flowctl flow-run logs heavy-parakeet",
      "flowctl flow-run logs heavy-parakeet --follow",
      "flowctl flow-run logs heavy-parakeet --tail -n 50",
    ],
  })
    .argument("<run>", "id, beginning of an id, or name")
    .option("-f, --follow", "go on until the run ends")
    .option("-n, --lines <n>", "print at most so many lines", wholeNumber("--lines", { least: 1 }))
    .option("--tail", `print the last lines instead of the first ones; ${TAIL} unless -n says another number`)
    .addOption(outputOption())
    .action(async (text, options) => {
      const { readFlowRun } = await import("../../flow_run_ids.ts");
      const { logLine } = await import("../../log_feed.ts");
      const connection = await context.connect();
      const run = await readFlowRun(connection.client, text, "read the logs of");
      if (options.follow) {
        // With --follow it is the lines so far that are cut: the last ones, as of `tail -f`.
        const first = options.lines ?? (options.tail ? TAIL : Infinity);
        const print = (log: Log) => context.out.line(options.output === "json" ? JSON.stringify(log) : logLine(log));
        return await follow(context, connection, run, first, print);
      }
      const logs = await read(connection, run, options);
      if (options.output === "table") {
        if (logs.length === 0) return context.out.note(`No logs found for flow run '${harmlessLine(run.name)}'`);
        return logs.forEach((log) => context.out.line(logLine(log)));
      }
      await context.out.list(options.output, logs, { columns: {}, name: (log) => log.id, empty: "" });
    });

async function read({ client }: Connection, run: FlowRun, { tail, lines }: { tail?: true; lines?: number }) {
  const { lastLogs } = await import("../../log_feed.ts");
  const { readPages } = await import("../../pages.ts");
  if (tail) return await lastLogs(client, run.id, lines ?? TAIL);
  const logs = { flow_run_id: { any_: [run.id] } };
  return await readPages((page) => client.logs.list({ logs, sort: "TIMESTAMP_ASC", ...page }), lines);
}

async function follow(
  context: Context,
  { client }: Connection,
  run: FlowRun,
  first: number,
  print: (log: Log) => void,
): Promise<void> {
  const { followRun } = await import("../../follow.ts");
  let isFirst = true;
  const last = await followRun(run, {
    client,
    clock: context.clock,
    signal: context.signal,
    onLogs(logs) {
      for (const log of isFirst ? logs.slice(-first) : logs) print(log);
      isFirst = false;
    },
    onLost: () => context.out.note("Lost the API: trying again"),
  });
  context.out.note(`Flow run '${harmlessLine(last.name)}' ended ${last.state_name}`);
}
