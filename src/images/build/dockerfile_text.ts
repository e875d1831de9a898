/**
 * Text of Dockerfiles: what flowctl adds to an image, and words that mean exactly what they say. Pure.
 *
 * @module
 */

/** A file or folder of the context, and where it goes. */
export interface Copy {
  /** In the context. */
  from: string;
  /** Absolute path in the image. */
  to: string;
  isFolder: boolean;
}

/** See {@link dockerfileText}. */
export interface DockerfileParts {
  /** A name or an id. */
  base: string;
  env: Readonly<Record<string, string>>;
  /** In the order in which they seldom change. */
  steps: readonly ({ copy: Copy } | { run: string })[];
  labels: Readonly<Record<string, string>>;
  /** Lines of the user, last. */
  extra: readonly string[];
}

/** The whole text. */
export function dockerfileText({ base, env, steps, labels, extra }: DockerfileParts): string {
  const args = Object.keys(buildArgsOf(env)), words = pairsOf(labels);
  const pairs = Object.entries(env).map(([name, value], n) =>
    isOneLine(value) ? `${name}=${envValue(value)}` : `${name}="\${${ARG}${n}}"`
  );
  const lines = [
    `FROM ${base}`,
    ...args.map((name) => `ARG ${name}`),
    // First, so that the other steps see it.
    ...pairs.length === 0 ? [] : [`ENV ${pairs.join(" ")}`],
    ...steps.map((step) => "copy" in step ? copyLine(step.copy) : `RUN ${step.run}`),
    ...words.length === 0 ? [] : [`LABEL ${words.join(" ")}`],
    ...extra,
  ];
  return `${lines.join("\n")}\n`;
}

const ARG = "FLOWCTL_ENV_";
const isOneLine = (value: string): boolean => !/[\r\n]/.test(value);

/** The build's own arguments that the text needs: a Dockerfile can't write a value of several lines, but refer to one. */
export const buildArgsOf = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.values(env).map((value, n) => [ARG + n, value]).filter(([, value]) => !isOneLine(value)),
  );

const pairsOf = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([name, value]) => `${name}=${envValue(value)}`);

function copyLine({ from, to, isFolder }: Copy): string {
  const slash = isFolder ? "/" : "";
  return `COPY ${JSON.stringify([word(from) + slash, word(to.replace(/(.)\/+$/, "$1")) + slash])}`;
}

/** The builder looks for variables and quotes in words after it has read the JSON. */
const word = (text: string): string => text.replace(/[\\$"']/g, "\\$&");

/** In double quotes a backslash keeps `"`, `$` and itself from meaning anything. */
const envValue = (value: string): string => `"${value.replace(/[\\$"]/g, "\\$&")}"`;

/**
 * A word for `/bin/sh`.
 *
 * @example
 * ```ts
 * import { shellWord } from "./dockerfile_text.ts";
 *
 * console.assert(shellWord("pkg<4") === "'pkg<4'");
 * console.assert(shellWord("it's") === `'it'\\''s'`);
 * ```
 */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The images that a Dockerfile begins its stages with, those of earlier stages left out. Variables are those of `ARG` lines before
 * the first `FROM`, and the build's own.
 */
export function imagesOf(dockerfile: string, args: Readonly<Record<string, string>> = {}): string[] {
  const known: Record<string, string> = {};
  const stages = new Set<string>();
  const images = new Set<string>();
  let isBefore = true;
  for (const line of dockerfile.replace(/\\[ \t]*\r?\n/g, " ").split(/\r?\n/)) {
    const arg = /^\s*ARG\s+(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/i.exec(line);
    if (isBefore && arg !== null) known[arg[1]] = args[arg[1]] ?? (arg[2] ?? "").replace(/^(["'])(.*)\1$/, "$2");
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from === null) continue;
    isBefore = false;
    const image = from[1].replace(/\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g, (_all, a, otherwise, b) => {
      const value = known[a ?? b];
      return value === undefined || value === "" ? otherwise ?? "" : value;
    });
    if (image !== "" && image.toLowerCase() !== "scratch" && !stages.has(image.toLowerCase())) images.add(image);
    if (from[2] !== undefined) stages.add(from[2].toLowerCase());
  }
  return [...images];
}
