/**
 * `flowctl flow ls`: lists flows.
 *
 * @module
 */

import type { Flow } from "../../../domain/flows.ts";
import { command, type MakeCommand, outputOption, wholeNumber } from "../../command.ts";

const nameOf = (flow: Flow) => flow.project === "default" ? flow.name : `${flow.project}/${flow.name}`;

/** See the module's comment. */
export const flowLs: MakeCommand = (context) =>
  command(context, "ls", {
    description: "List flows, newest first",
    examples: ["flowctl flow ls", "flowctl flow ls --limit 5 -o json"],
  })
    .option("--limit <n>", "show at most so many", wholeNumber("--limit", { least: 1 }), 15)
    .addOption(outputOption())
    .action(async (options) => {
      const { readPages } = await import("../../pages.ts");
      const { when } = await import("../../times.ts");
      const { client } = await context.connect();
      const rows = await readPages((page) => client.flows.list({ sort: "CREATED_DESC", ...page }), options.limit);
      await context.out.list(options.output, rows, {
        columns: {
          Name: nameOf,
          Id: (row) => row.id,
          Tags: (row) => row.tags.join(", "),
          Created: (row) => when(row.created, context.clock),
        },
        name: nameOf,
        empty: "No flows found",
      });
    });
