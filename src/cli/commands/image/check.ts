/**
 * `flowctl image check`: asks the image that it runs in whether all is there that its flows need; what builds start.
 *
 * @module
 */

import { command, type MakeCommand } from "../../command.ts";

/** See the module's comment. */
export const imageCheck: MakeCommand = (context) =>
  command(context, "check", {
    description: "Check in an image that its flows load, its packages import and its files are there; builds call it",
    examples: ["flowctl image check /flowctl-check.json"],
    notes: "FILE is written by the build: versions, and names and places of flows, packages and files, as JSON.",
  })
    .argument("<file>", "what to check")
    .action(async (file) => {
      const isGood = await context.parts.checkImage(file, context.out.line);
      context.exitCode = isGood ? 0 : 1;
    });
