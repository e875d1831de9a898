/**
 * Text for people: what a flow printed made harmless for a terminal, and small words about numbers and times.
 *
 * @module
 */

const ESC = "\u001b";
// Longest first. OSC, DCS, SOS, PM and APC carry a text up to BEL or ST; without an end only the introducer is taken, so
// that a flow can't make the rest of a line vanish.
const SEQUENCES = new RegExp(
  [
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007${ESC}\\u009c\\n]*(?:\\u0007|${ESC}\\\\|\\u009c)`,
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `${ESC}[ -/]+[0-~]`,
    `${ESC}[0-~]`,
  ].join("|"),
  "g",
);
// C0 without tab and newline, DEL, C1, and the marks that reorder text (a name could read as another one).
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text of somebody else, safe to write to a terminal: colour and cursor sequences, titles, links, control characters and
 * direction marks are taken out; tabs and line feeds stay. Lone surrogates become U+FFFD.
 *
 * @example
 * ```ts
 * import { harmless } from "./text.ts";
 *
 * console.assert(harmless("\u001b[2J\u001b[31mred\u001b[0m") === "red");
 * ```
 */
export function harmless(text: string): string {
  return text.replace(SEQUENCES, "").replace(CONTROLS, "").toWellFormed();
}

/** {@link harmless} for one cell or one line: line feeds become spaces, so that nothing can pretend to be another line. */
export function harmlessLine(text: string): string {
  return harmless(text.replace(/\r?\n|\r|\u2028|\u2029/g, " "));
}

/**
 * At most `length` characters, the last one an ellipsis when something was cut. Characters are code points: an emoji is
 * never halved.
 */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = [...text];
  if (characters.length <= length) return text;
  return length <= 0 ? "" : characters.slice(0, length - 1).join("") + "…";
}

/** `plural(1, "run")` is "1 run", `plural(2, "run")` is "2 runs", `plural(2, "entry", "entries")` is "2 entries". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Texts as Prefect 1 prints them, who shows Python's lists: `['a', 'b']`.
 *
 * @example
 * ```ts
 * import { pythonList } from "./text.ts";
 *
 * console.assert(pythonList(["docker_flows"]) === "['docker_flows']");
 * ```
 */
export function pythonList(texts: readonly string[]): string {
  const quote = (text: string) => {
    const safe = harmlessLine(text).replaceAll("\\", "\\\\");
    return safe.includes("'") && !safe.includes('"') ? `"${safe}"` : `'${safe.replaceAll("'", "\\'")}'`;
  };
  return `[${texts.map(quote).join(", ")}]`;
}

const STEPS: [seconds: number, unit: string][] = [
  [31_557_600, "year"],
  [2_629_800, "month"],
  [604_800, "week"],
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/**
 * Where `from` lies as seen at `to`: "5 minutes ago", "in 2 hours", and "now" within a second. The number is rounded down.
 */
export function relativeTime(from: Temporal.Instant, to: Temporal.Instant): string {
  const seconds = (to.epochMilliseconds - from.epochMilliseconds) / 1000;
  const size = Math.abs(seconds);
  const step = STEPS.find(([length]) => size >= length);
  if (!step) return "now";
  const words = plural(Math.floor(size / step[0]), step[1]);
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}
