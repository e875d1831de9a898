/**
 * Errors of a user's file, as one sentence with file, line and column of the TypeScript.
 *
 * The runtimes tell in different ways: Deno writes the place into the message; Bun has it for syntax errors only, and the rest is
 * found by bundling once more.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { formatPlace, isOwnFile, type Place, shortFile, userPlace } from "../support/stacks.ts";
import { type BuildLog, bun } from "./bun.ts";
import { BuildFailed, diagnoseWithBun } from "./bun_builder.ts";

interface Reason {
  text: string;
  place?: Place;
}

interface EsbuildMessage {
  text: string;
  location: { file: string; line: number; column: number } | null;
}

/**
 * Makes the error that people see of what loading or bundling a file threw.
 *
 * @param path Absolute path of the file that was to be loaded.
 * @returns `user_code`; an error of our own (an unknown option, two flows of one name) keeps its code and gets the place.
 */
export async function loadError(error: unknown, path: string): Promise<FlowctlError> {
  if (isFlowctlError(error)) return withPlace(error, path);
  const { text, place } = await reasonOf(error, path);
  const where = place === undefined ? shortFile(path) : formatPlace(place);
  return new FlowctlError("user_code", `Cannot load "${shortFile(path)}": ${sentence(text)} at ${where}`, {
    cause: error,
    details: { ...(place ?? { file: path }) },
  });
}

async function reasonOf(error: unknown, path: string): Promise<Reason> {
  if (error instanceof BuildFailed) return buildReason(error.logs, path) ?? { text: error.message };
  const messages = (error as { errors?: EsbuildMessage[] } | null)?.errors;
  if (Array.isArray(messages) && messages[0]?.text !== undefined && "location" in messages[0]) {
    const { text, location } = messages[0];
    return { text, place: location === null ? undefined : esbuildPlace(location, path) };
  }
  if (bun !== undefined && isLoadingErrorOfBun(error)) {
    const log = await diagnoseWithBun(bun, path).catch(() => undefined);
    const found = log === undefined ? undefined : buildReason([log], path);
    if (found !== undefined) return found;
  }
  const fromMessage = denoReason(error);
  if (fromMessage !== undefined) return fromMessage;
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  return { text: `it throws ${name}${messageOf(error)}`, place: userPlace(error) };
}

function isLoadingErrorOfBun(error: unknown): boolean {
  const name = (error as { constructor?: { name?: string } } | null)?.constructor?.name ?? "";
  return ["BuildMessage", "ResolveMessage", "AggregateError"].includes(name) ||
    // A SyntaxError of JSON.parse in the user's code has a stack; one of the loader has none.
    (name === "SyntaxError" && userPlace(error) === undefined);
}

function buildReason(logs: BuildLog[], path: string): Reason | undefined {
  const log = logs.find((log) => log.level === "error" && log.position !== null) ??
    logs.find((log) => log.level === "error");
  if (log === undefined) return undefined;
  const at = log.position;
  return {
    text: log.message,
    place: at === null ? undefined : { file: at.file || path, line: at.line, column: at.column },
  };
}

function esbuildPlace(location: { file: string; line: number; column: number }, path: string): Place {
  const folder = path.replace(/[^/\\]*$/, "");
  const file = /^([/\\]|[A-Z]:)/.test(location.file) ? location.file : folder + location.file;
  return { file, line: location.line, column: location.column + 1 };
}

/** Deno's loader writes "… at file:///a/flow.ts:3:5" into the message, with a picture of the line below. */
function denoReason(error: unknown): Reason | undefined {
  if (!(error instanceof Error)) return undefined;
  // deno-lint-ignore no-control-regex -- Deno colours its messages
  const plain = error.message.replace(/\x1b\[[0-9;]*m/g, "");
  const found = /\bat (file:\S+?):(\d+):(\d+)/.exec(plain);
  const code = (error as { code?: string }).code;
  const isLoading = code?.startsWith("ERR_MODULE") || error instanceof TypeError || error instanceof SyntaxError;
  if (found === null || !isLoading) return undefined;
  const place = { file: fileURLToPath(found[1]), line: Number(found[2]), column: Number(found[3]) };
  return { text: plain.split("\n")[0].replace(/\s*\bat file:\S+?:\d+:\d+.*$/, ""), place };
}

function sentence(text: string): string {
  return text.split("\n")[0].trim().replace(/^(SyntaxError|TypeError|error): /i, "")
    .replace(/"?file:\/\/(\/[^\s"']+)"?/g, (_all, file) => `"${shortFile(file)}"`)
    .replace('"sdk:', '"')
    .replace(/\. Maybe you need to "bun install"\?$/, ": it is not installed beside the file")
    .replace(/\.$/, "");
}

function withPlace(error: FlowctlError, path: string): FlowctlError {
  const place = userPlace(error);
  if (place === undefined || isOwnFile(place.file) || error.message.includes(`:${place.line}`)) return error;
  const options = { hint: error.hint, cause: error.cause, details: { ...error.details, ...place } };
  return new FlowctlError(error.code, `${error.message} at ${formatPlace(place) || shortFile(path)}`, options);
}
