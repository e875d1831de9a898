/**
 * `flowctl init`: an example flow file and what an editor needs.
 *
 * @module
 */

import { command, type MakeCommand } from "../command.ts";

/** See the module's comment. */
export const init: MakeCommand = (context) =>
  command(context, "init", {
    description: 'Write an example flow file, and the types of "flowctl" for editors',
    examples: ["flowctl init", "flowctl init ./my-flows"],
  })
    .argument("[dir]", "folder to write to", ".")
    .action(async (dir) => {
      const { writeExample } = await import("../init.ts");
      for (const line of writeExample(dir, context.cwd)) context.out.line(line);
    });
