/**
 * Where the older dialect's commands find flows: files, folders, patterns, modules, and what `flowctl build` wrote.
 *
 * @module
 */

import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { FoundFlow, SerializedFlow } from "../sdk/registration.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { harmlessLine } from "../support/text.ts";
import type { Context } from "./context.ts";
import type { Registering } from "./parts.ts";

/** What such a command was given. */
export interface SourceOptions {
  path?: string[];
  module?: string[];
  json?: string[];
  name?: string[];
}

/** One place with its flows, in the order in which they were made. */
export interface Source {
  /** As it is shown. */
  shown: string;
  flows: FoundFlow[];
  /** Of `--json`. */
  built: SerializedFlow[];
}

/** The largest file of `flowctl build`, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

const isFlowFile = (name: string) => /\.(ts|mts|js|mjs)$/.test(name) && !/\.d\.m?ts$/.test(name);

/** Whether a place of `--json` is an address. */
export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** The files that `--path` and `--module` mean, absolute, each once. @throws {FlowctlError} `not_found` */
export function flowFiles({ path = [], module = [] }: SourceOptions, cwd: string, registering: Registering): string[] {
  const files = [
    ...path.flatMap((text) => filesOf(text, cwd)),
    ...module.map((name) => registering.moduleFile(name, cwd)),
  ];
  return [...new Set(files)];
}

function filesOf(text: string, cwd: string): string[] {
  const path = resolve(cwd, text);
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return [path];
    // As Prefect: what lies directly in it.
    return readdirSync(path).filter(isFlowFile).sort().map((name) => join(path, name));
  }
  if (/[*?[{]/.test(text)) {
    const found = globSync(text, { cwd }).filter(isFlowFile).filter((name) => !/(^|[\\/])node_modules[\\/]/.test(name));
    if (found.length > 0) return found.sort().map((name) => resolve(cwd, name));
    throw new FlowctlError("not_found", `Cannot find flows in "${text}": no file fits that pattern`);
  }
  throw new FlowctlError("not_found", `Cannot find flows in "${text}": there is no such file or folder`);
}

/** A path as people know it. */
function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short.replaceAll("\\", "/");
}

/**
 * Loads all places and keeps the flows that were asked for.
 *
 * @throws {FlowctlError} `invalid` when no place is said, `not_found` for names that no place has, and what loading throws
 */
export async function collectSources(
  context: Context,
  registering: Registering,
  options: SourceOptions,
): Promise<Source[]> {
  const { cwd, signal, env } = context;
  const { json = [], name: names = [] } = options;
  const files = flowFiles(options, cwd, registering);
  const sources: Source[] = [];
  for (const file of files) {
    sources.push({ shown: shownPath(file, cwd), flows: await load(registering, file), built: [] });
  }
  for (const place of json) {
    const text = isAddress(place) ? await download(place, env, signal) : readText(resolve(cwd, place), place);
    sources.push({ shown: place, flows: [], built: registering.parseFlowsFile(text, place) });
  }
  const known = sources.flatMap((source) => [
    ...source.flows.map(({ flow }) => flow.name),
    ...source.built.map(({ flow_name: name }) => name),
  ]);
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) {
    const there = [...new Set(known)].map((name) => `"${harmlessLine(name)}"`).join(", ") || "no flow";
    throw new FlowctlError("not_found", `Cannot find flow "${missing.join('", "')}": there is ${there}`);
  }
  const wanted = (name: string) => names.length === 0 || names.includes(name);
  const kept = sources.map((source) => ({
    ...source,
    flows: source.flows.filter(({ flow }) => wanted(flow.name)),
    built: source.built.filter(({ flow_name: name }) => wanted(name)),
  })).filter(({ flows, built }) => flows.length + built.length > 0);
  if (kept.length > 0) return kept;
  const places = sources.map(({ shown }) => `"${shown}"`).join(", ");
  throw new FlowctlError("user_code", `Cannot find a flow in ${places}: none is defined there`, {
    hint: 'A flow is made by: flow("my-flow", () => { … })',
  });
}

/** What is wrong in a file is not wrong usage of the command. */
export async function load(registering: Registering, file: string): Promise<FoundFlow[]> {
  try {
    return await registering.findFlows(file);
  } catch (error) {
    if (!isFlowctlError(error, "invalid")) throw error;
    throw new FlowctlError("user_code", error.message, { hint: error.hint, cause: error });
  }
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = (cause as { code?: string }).code === "ENOENT";
    const why = isMissing ? "there is no such file" : messageOf(cause);
    throw new FlowctlError(isMissing ? "not_found" : "invalid", `Cannot read flows from "${shown}": ${why}`, { cause });
  }
}

async function download(address: string, env: Context["env"], signal: AbortSignal): Promise<string> {
  const { fetchText } = await import("../support/guarded_fetch.ts");
  return await fetchText(address, { maxBytes: MOST_BYTES, env, signal });
}
