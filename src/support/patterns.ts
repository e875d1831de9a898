/**
 * Patterns that users give, matched in a time that grows with the text and not with the number of ways to read it. The only importer
 * of `re2js`.
 *
 * The runtimes' own expressions try again from where they were: `^(a+)+$` needs longer than anybody waits for thirty letters, and
 * nothing else happens in the process meanwhile. What needs to go back (references to groups, lookaround other than at the very
 * beginning) is refused. `\s` means ASCII spaces.
 *
 * @module
 */

import { FlowctlError, messageOf } from "./errors.ts";

/** How much may be done with patterns until something else must have its turn: characters of texts times steps of patterns. */
export interface PatternBudget {
  left: number;
}

/** A budget of a second, where patterns are at their slowest. */
export const patternBudget = (): PatternBudget => ({ left: 10_000_000 });

/** A pattern that was read. */
export interface SafePattern {
  /** Of how many steps it is made; reading it took a time that grows with them. */
  readonly size: number;
  /**
   * Whether the text holds a match.
   *
   * @param budget What several matches may cost together; one of its own when nothing is said.
   * @throws {FlowctlError} `invalid` when the budget does not suffice
   */
  test(text: string, budget?: PatternBudget): boolean;
}

/** The longest pattern, in characters. */
const MOST_CHARACTERS = 2_000;
/** The largest pattern when it is read: `a{1000}` counts a thousand. */
const MOST_STEPS = 10_000;

/** Reads a pattern. @throws {FlowctlError} `invalid` for one that is wrong, too large, or needs to go back. */
export type ReadPattern = (pattern: string) => SafePattern;

/** Loads what reads patterns: it is large, and few commands need it. */
export async function loadPatterns(): Promise<ReadPattern> {
  const { RE2JS } = await import("re2js");
  return (pattern) => {
    const refuse = (why: string, cause?: unknown) =>
      new FlowctlError("invalid", `Cannot use pattern "${shortened(pattern)}": ${why}`, { cause });
    if (pattern.length > MOST_CHARACTERS) throw refuse(`it has more than ${MOST_CHARACTERS} characters`);
    const { ahead, rest } = splitLookahead(pattern);
    let size = 0;
    const compile = (text: string) => {
      let compiled;
      try {
        compiled = RE2JS.compile(RE2JS.translateRegExp(text.replace(/\\([pP])\{(?:Script|sc)=(\w+)\}/g, "\\$1{$2}")));
      } catch (error) {
        const goesBack = /\\[1-9]|\\k<|\(\?<?[=!]/.test(text);
        throw refuse(
          goesBack ? "references to groups and lookaround are not supported" : messageOf(error).replace(/\.$/, ""),
          error,
        );
      }
      size += compiled.programSize();
      if (size > MOST_STEPS) throw refuse("it stands for too much");
      return compiled;
    };
    const parts = [
      { expected: true, compiled: compile(rest) },
      ...ahead.map(({ expected, text }) => ({ expected, compiled: compile(`^(?:${text})`) })),
    ];
    return {
      size,
      test(text, budget = patternBudget()) {
        budget.left -= text.length * size;
        if (budget.left < 0) throw refuse("the texts to be compared with it are too long");
        return parts.every(({ expected, compiled }) => compiled.test(text) === expected);
      },
    };
  };
}

/** Reads one pattern; see {@link loadPatterns}. */
export const readPattern = async (pattern: string): Promise<SafePattern> => (await loadPatterns())(pattern);

const shortened = (pattern: string) => pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;

/**
 * `^(?!a)(?=b)rest` is "no a at the beginning, and a b there, and ^rest": what libraries write for e-mail addresses and host names.
 */
function splitLookahead(pattern: string): { ahead: { expected: boolean; text: string }[]; rest: string } {
  const ahead: { expected: boolean; text: string }[] = [];
  let at = 1;
  while (pattern.startsWith("^") && /^\(\?[=!]/.test(pattern.slice(at, at + 3))) {
    const end = endOfGroup(pattern, at);
    if (end === undefined) break;
    ahead.push({ expected: pattern[at + 2] === "=", text: pattern.slice(at + 3, end) });
    at = end + 1;
  }
  // Of `^(?!a)b|c` the lookahead holds for one branch only.
  if (ahead.length === 0 || hasBranches(pattern.slice(at))) return { ahead: [], rest: pattern };
  return { ahead, rest: `^${pattern.slice(at)}` };
}

/** What stands at each place, outside of classes and escapes. */
function* marks(pattern: string, from = 0): Generator<{ at: number; depth: number; char: string }> {
  let depth = 0, inClass = false;
  for (let at = from; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "\\") at++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else {
      if (char === "(") depth++;
      if (char === ")") depth--;
      yield { at, depth, char };
    }
  }
}

function endOfGroup(pattern: string, from: number): number | undefined {
  for (const { at, depth, char } of marks(pattern, from)) if (char === ")" && depth === 0) return at;
  return undefined;
}

function hasBranches(pattern: string): boolean {
  for (const { depth, char } of marks(pattern)) if (char === "|" && depth === 0) return true;
  return false;
}
