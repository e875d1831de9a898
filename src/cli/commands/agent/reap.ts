/**
 * `flowctl agent reap`: stops and removes containers that this installation left behind.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const agentReap: MakeCommand = (context) =>
  command(context, "reap", {
    description: "Remove containers that this installation left behind",
    examples: ["flowctl agent reap --dry-run", "flowctl agent reap", "flowctl agent reap --dry-run -o json"],
    notes:
      "A running agent does the same at its start and every ten minutes. Running containers without a lease are stopped;\n" +
      "finished ones are removed when there are more than FLOWCTL_KEEP_CONTAINERS, or after FLOWCTL_KEEP_CONTAINERS_HOURS.\n" +
      "Containers of other installations, and those that a lease names, are not touched.",
  })
    .option("--dry-run", "only say what would be done")
    .option("--base-url <url>", "address of the Docker Engine; default: DOCKER_HOST, else the local one")
    .addOption(outputOption())
    .action(async (options) => {
      const { client } = await context.connect();
      const reaped = await context.parts.reapContainers({
        client,
        env: context.env,
        baseUrl: options.baseUrl,
        dryRun: options.dryRun ?? false,
        clock: context.clock,
      });
      await context.out.list(options.output, reaped, {
        columns: {
          Container: (one) => one.name,
          Id: (one) => one.id.slice(0, 12),
          Outcome: (one) => one.outcome,
          Why: (one) => one.why,
        },
        name: (one) => one.name,
        empty: "No container is left behind",
      });
      if (reaped.some(({ outcome }) => outcome === "failed")) context.exitCode = 1;
    });
