/**
 * `flowctl image gc`: removes default images and binary volumes of older versions.
 *
 * @module
 */

import { command, type MakeCommand, outputOption } from "../../command.ts";

/** See the module's comment. */
export const imageGc: MakeCommand = (context) =>
  command(context, "gc", {
    description: "Remove default images and binary volumes of older versions that no container uses",
    examples: ["flowctl image gc --dry-run", "flowctl image gc", "flowctl image gc --dry-run -o json"],
    notes:
      "A running agent does the same at its start and every ten minutes. Only what bears this installation's label is removed;\n" +
      "images and volumes of flowctl versions that did not label them yet are left alone.",
  })
    .option("--dry-run", "only say what would be done")
    .option("--base-url <url>", "address of the Docker Engine; default: DOCKER_HOST, else the local one")
    .addOption(outputOption())
    .action(async (options) => {
      const { client } = await context.connect();
      const reaped = await context.parts.reapImages({
        client,
        env: context.env,
        baseUrl: options.baseUrl,
        dryRun: options.dryRun ?? false,
        clock: context.clock,
      });
      await context.out.list(options.output, reaped, {
        columns: {
          Kind: (one) => one.kind,
          Name: (one) => one.name,
          Size: (one) => one.size === null ? "-" : `${Math.round(one.size / 1e6)} MB`,
          Outcome: (one) => one.outcome,
          Why: (one) => one.why,
        },
        name: (one) => one.name,
        empty: "No image or volume is left behind",
      });
    });
