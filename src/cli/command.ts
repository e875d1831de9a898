/**
 * Commands: name, description, examples, arguments, options, action. The only importer of `commander`.
 *
 * A command is made for one {@link Context}, so that nothing is global; its types follow from its arguments and options.
 *
 * @module
 */

import { Command, CommanderError, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { FlowctlError } from "../support/errors.ts";
import type { Context } from "./context.ts";
import { OUTPUT_FORMATS } from "./output.ts";

export type { CommandUnknownOpts as AnyCommand } from "@commander-js/extra-typings";
export { Argument, Option } from "@commander-js/extra-typings";

/** A command file exports one of these. */
export type MakeCommand = (context: Context) => CommandUnknownOpts;

/** Examples of a command as they were given, for `--help` and for the house rules. */
export const EXAMPLES: WeakMap<CommandUnknownOpts, string[]> = new WeakMap();

/** What every command says about itself. */
export interface About {
  /** Begins with an upper-case verb, has no final period. */
  description: string;
  /** Whole command lines. */
  examples: string[];
  /** Paragraphs after the options. */
  notes?: string;
}

/** Begins a command; arguments, options and the action are chained to it. */
export function command(context: Context, name: string, about: About): Command {
  const made = new Command(name).description(about.description);
  houseRules(context, made as CommandUnknownOpts);
  EXAMPLES.set(made as CommandUnknownOpts, about.examples);
  made.addHelpText("after", () => {
    const examples = about.examples.map((example) => `  $ ${example}`).join("\n");
    return `${about.notes ? `\n${about.notes}\n` : ""}\nExamples:\n${examples}`;
  });
  return made;
}

/** A group of commands, e.g. `flowctl deployment`. */
export function group(context: Context, name: string, description: string, makers: MakeCommand[]): CommandUnknownOpts {
  const made = new Command(name).description(description) as CommandUnknownOpts;
  houseRules(context, made);
  for (const make of makers) made.addCommand(make(context));
  return made;
}

/** What holds for all: nothing exits, nothing writes past the context, a mistake is a {@link FlowctlError}. */
function houseRules(context: Context, made: CommandUnknownOpts): void {
  made
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .configureHelp({ sortOptions: false, sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => helpWidth(context.stdout.columns),
      getErrHelpWidth: () => helpWidth(context.stderr.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: () => {},
    })
    .exitOverride((error) => {
      throw usageError(error, made);
    });
}

const helpWidth = (columns: number | undefined) => Math.min(columns ?? 100, 120);

/** Thrown when help or the version was printed and nothing is left to do. */
export class Answered extends Error {
  override readonly name = "Answered";
  constructor(readonly exitCode: number) {
    super("Answered");
  }
}

/** The library's error as ours: `error: unknown option '--bogus'\n(Did you mean --host?)` → sentence and hint. */
export function usageError(error: CommanderError, made: CommandUnknownOpts): Error {
  if (/^commander\.(help|helpDisplayed|version)$/.test(error.code)) return new Answered(error.exitCode === 0 ? 0 : 2);
  const [, text = error.message, guess] = /^(?:error: )?(.*?)\.?(?:\s*\((Did you mean .*)\))?$/s.exec(error.message) ??
    [];
  const sentence = text.charAt(0).toUpperCase() + text.slice(1).replaceAll("\n", " ");
  return new FlowctlError("invalid", sentence, { hint: guess ?? `See: ${sentenceOf(made)} --help`, cause: error });
}

/** The words that call a command: `flowctl deployment run`. */
export function sentenceOf(made: CommandUnknownOpts): string {
  return made.parent ? `${sentenceOf(made.parent)} ${made.name()}` : made.name();
}

/** `-o`, which every command that prints data has. */
export const outputOption = () =>
  new Option("-o, --output <format>", 'how to print it; "name" prints what other commands take')
    .choices(OUTPUT_FORMATS)
    .default("table" as const);

/** The parser of an option that may be repeated. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** The parser of a whole number. @throws FlowctlError `invalid` */
export function wholeNumber(what: string, { least = 0, most = Number.MAX_SAFE_INTEGER } = {}) {
  return (text: string): number => {
    const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new FlowctlError("invalid", `Cannot read ${what} "${text}": it is not a whole number ${range}`);
  };
}
