/**
 * `flowctl completions`: prints a completion script for a shell.
 *
 * @module
 */

import { type AnyCommand, Argument, command, type MakeCommand } from "../command.ts";

/** The shells that are known. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** See the module's comment. */
export const completions: MakeCommand = (context) => {
  const made = command(context, "completions", {
    description: "Print a completion script for a shell",
    examples: [
      'eval "$(flowctl completions bash)"',
      'eval "$(flowctl completions zsh)"',
      "flowctl completions fish > ~/.config/fish/completions/flowctl.fish",
    ],
  })
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action(async (shell) => {
      const { completionScript } = await import("../completions.ts");
      context.stdout.write(completionScript(rootOf(made as AnyCommand), shell));
    });
  return made;
};

const rootOf = (command: AnyCommand): AnyCommand => command.parent ? rootOf(command.parent) : command;
