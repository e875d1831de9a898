/**
 * `.dockerignore` with Docker's own semantics: those of the docker command's classic build (moby's `patternmatcher` and `archive`).
 *
 * Own code, for the libraries on npm follow an older matcher, which knows parents of a path less well. Pure.
 *
 * @module
 */

import { posix } from "node:path";
import { FlowctlError } from "../../support/errors.ts";

/** Which patterns matched a folder; what is in it is looked at with it. */
export type Matched = readonly boolean[];

interface Pattern {
  /** Without the `!`. */
  text: string;
  isException: boolean;
  matches: (path: string) => boolean;
}

/**
 * The patterns of a `.dockerignore`.
 *
 * @example
 * ```ts
 * import { Dockerignore } from "./dockerignore.ts";
 *
 * const ignore = Dockerignore.parse("*\n!src\n");
 * console.assert(ignore.excludes("README.md") && !ignore.excludes("src/a.ts"));
 * ```
 */
export class Dockerignore {
  readonly #patterns: readonly Pattern[];

  private constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  /**
   * Reads the text.
   *
   * @param windows Whether backslashes part folders, as in paths of Windows; else they escape.
   * @throws {FlowctlError} `invalid` for a pattern that docker refuses, too
   */
  static parse(text: string, name = ".dockerignore", windows = false): Dockerignore {
    const patterns = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => !line.startsWith("#"))
      .map((line) => line.trim()).filter((line) => line !== "")
      .map((line) => patternOf(windows ? line.replaceAll("\\", "/") : line, name));
    return new Dockerignore(patterns);
  }

  /** With one more exception, as if it were the last line. */
  keeping(path: string): Dockerignore {
    return this.excludes(path) ? new Dockerignore([...this.#patterns, patternOf(`!${path}`, "")]) : this;
  }

  /** Whether anything is said at all. */
  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** Whether a path, or a folder above it, is left out. */
  excludes(path: string): boolean {
    return this.look(path).isExcluded;
  }

  /**
   * Looks at a path.
   *
   * @param parent What was answered for its folder; without it all folders above are looked at.
   */
  look(path: string, parent?: Matched): { isExcluded: boolean; matched: Matched } {
    let isExcluded = false;
    const matched = this.#patterns.map((pattern, n) => {
      let isMatch = parent?.[n] ?? false;
      if (!isMatch) {
        // What could change nothing is not looked at, nor remembered for what is below: docker's own doing, which shows.
        if (pattern.isException !== isExcluded) return false;
        isMatch = pattern.matches(path) || (parent === undefined && foldersAbove(path).some(pattern.matches));
      }
      if (isMatch) isExcluded = !pattern.isException;
      return isMatch;
    });
    return { isExcluded, matched };
  }

  /** Whether something below a folder that is left out may be kept. Docker looks at how the exceptions begin, wildcards or not. */
  mayKeepBelow(folder: string): boolean {
    return this.#patterns.some(({ isException, text }) => isException && `${text}/`.startsWith(`${folder}/`));
  }
}

const clean = (path: string) => posix.normalize(path).replace(/(.)\/$/, "$1");

function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, n) => parts.slice(0, n + 1).join("/"));
}

function patternOf(line: string, file: string): Pattern {
  const isException = line.startsWith("!");
  let text = (isException ? line.slice(1) : line).trim();
  const refuse = (why: string, cause?: unknown): never => {
    throw new FlowctlError("invalid", `Cannot read "${file}": the pattern "${line}" ${why}`, { cause });
  };
  if (text === "") refuse("names nothing");
  text = clean(text);
  if (text.length > 1 && text.startsWith("/")) text = text.slice(1);
  if (!isWellFormed(text)) refuse("is not well-formed");
  try {
    return { text, isException, matches: matcherOf(text) };
  } catch (cause) {
    return refuse("is not well-formed", cause);
  }
}

/** What Go's `filepath.Match` takes: brackets are closed and hold something, a backslash is followed by something. */
function isWellFormed(text: string): boolean {
  return /^(?:[^\\[]|\\[^]|\[\^?(?:(?:[^\\\]-]|\\[^])(?:-(?:[^\\\]-]|\\[^]))?)+\])*$/u.test(text);
}

/** The matcher of one pattern, by the steps of moby's `compile`. */
function matcherOf(text: string): (path: string) => boolean {
  let kind: "exact" | "prefix" | "suffix" | "expression" = "exact";
  let expression = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "*" && text[i + 1] === "*") {
      const isFirst = i === 0;
      i++;
      if (text[i + 1] === "/") i++;
      if (i + 1 === text.length) {
        kind = kind === "exact" ? "prefix" : "expression";
        expression += ".*";
      } else {
        // Twice the same says no more, and would make the expression slow.
        if (!expression.endsWith("(?:.*/)?")) expression += "(?:.*/)?";
        kind = "expression";
      }
      if (isFirst) kind = "suffix";
    } else if (char === "*" || char === "?") {
      expression += char === "*" ? "[^/]*" : "[^/]";
      kind = "expression";
    } else if (".+()|{}$".includes(char)) expression += `\\${char}`;
    else if (char === "\\") {
      if (i + 1 < text.length) {
        expression += escaped(text[++i]);
        kind = "expression";
      } else expression += "\\\\";
    } else {
      if (char === "[" || char === "]") kind = "expression";
      // JavaScript ends an expression's literal with it only in sources.
      expression += char;
    }
  }
  switch (kind) {
    case "exact":
      return (path) => path === text;
    case "prefix":
      return (path) => path.startsWith(text.slice(0, -2));
    case "suffix": {
      const end = text.slice(2);
      return (path) => path.endsWith(end) || (end.startsWith("/") && path === end.slice(1));
    }
    case "expression": {
      const compiled = new RegExp(`^${expression}$`, "s");
      return (path) => compiled.test(path);
    }
  }
}

/** A backslash before a letter would mean something else in JavaScript than in Go, or nothing. */
const escaped = (char: string): string => /[\w]/.test(char) ? char : `\\${char}`;
