/**
 * What is said about a run on its page: exit codes, commands, results, the parts of an error. Pure.
 *
 * @module
 */

/** Signals that end containers, by 128 and their number. */
const SIGNALS: Record<number, string> = {
  129: "SIGHUP",
  130: "SIGINT",
  131: "SIGQUIT",
  132: "SIGILL",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  141: "SIGPIPE",
  143: "SIGTERM",
};

/** `0`, `1`, `137 (SIGKILL)`. */
export const exitCode = (code: number): string =>
  SIGNALS[code] === undefined ? `${code}` : `${code} (${SIGNALS[code]})`;

/** A word as a shell takes it. */
export const shellWord = (text: string): string =>
  /^[\w.:/@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** Longer parameters are better written to a file. */
const MOST_COMMAND = 600;

/** What to type to run a flow of a file again with the same parameters. */
export function runCommand(flow: string, parameters: Record<string, unknown>): string {
  const begin = `flowctl run --path FILE --name ${shellWord(flow)}`;
  const all = Object.entries(parameters).map(([key, value]) =>
    ` --param ${
      shellWord(`${key}=${typeof value === "string" && !looksLikeJson(value) ? value : JSON.stringify(value)}`)
    }`
  ).join("");
  return all.length > MOST_COMMAND ? `${begin} --param-file parameters.json` : begin + all;
}

/** A text that would be read as something else. */
function looksLikeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a state says it returned. */
export type Result =
  | { kind: "value"; value: unknown }
  /** It returned nothing, or has not. */
  | { kind: "none" }
  /** It returned something that was not kept, or is kept elsewhere. */
  | { kind: "elsewhere"; text: string; data?: unknown };

/** The result in a final state's data; see `engine/results.ts` for what is in there. */
export function resultOf(data: unknown): Result {
  if (data === null || data === undefined) return { kind: "none" };
  if (typeof data !== "object" || Array.isArray(data)) return { kind: "value", value: data };
  const { type, value, artifact_description: about } = data as Record<string, unknown>;
  if (type === "literal") return "value" in data ? { kind: "value", value } : { kind: "none" };
  if (type === "unpersisted") return { kind: "elsewhere", text: typeof about === "string" ? about : "It was not kept" };
  return { kind: "elsewhere", text: "It is kept where the state says", data };
}

/** The first line of a message, and what follows it. */
export function messageParts(message: string): { first: string; rest: string } {
  const end = message.indexOf("\n");
  return end === -1
    ? { first: message, rest: "" }
    : { first: message.slice(0, end), rest: message.slice(end + 1).trimEnd() };
}

/** How long each of the states lasted, in seconds; the last of a run that is not over goes on, which is undefined. */
export function stateLengths(timestamps: readonly string[], isOver: boolean): (number | undefined)[] {
  return timestamps.map((at, i) =>
    i + 1 < timestamps.length ? (Date.parse(timestamps[i + 1]) - Date.parse(at)) / 1000 : isOver ? 0 : undefined
  );
}

/** `as usual`, `2.4 times the usual 3.1 s`: said of a run that is over or runs for longer than usual. */
export function againstUsual(seconds: number, usual: number): "faster" | "usual" | "slower" {
  if (seconds < usual * 0.5 && usual - seconds > 1) return "faster";
  return seconds > usual * 1.5 && seconds - usual > 1 ? "slower" : "usual";
}
