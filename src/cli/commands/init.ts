/**
 * `flowctl init`: an example flow file.
 *
 * @module
 */

import { command, type MakeCommand } from "../command.ts";

/** See the module's comment. */
export const init: MakeCommand = (context) =>
  command(context, "init", {
    description: "Write an example flow file",
    examples: ["flowctl init", "flowctl init ./my-flows"],
  })
    .argument("[dir]", "folder to write to", ".")
    .action(async (dir) => {
      const { writeExample } = await import("../init.ts");
      for (const line of writeExample(dir, context.cwd)) context.out.line(line);
    });
