/**
 * Builds and registers the flows of one place after the other, in the words and the shape of Prefect 1.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { PreparedFlow, RegistrationOptions, SerializedFlow } from "../sdk/registration.ts";
import { isFlowctlError } from "../support/errors.ts";
import { harmless, harmlessLine } from "../support/text.ts";
import type { Context } from "./context.ts";
import { renderError } from "./exit.ts";
import type { Source } from "./flow_sources.ts";
import type { Registering } from "./parts.ts";

/** How it went. */
export interface Stats {
  done: number;
  skipped: number;
  errored: number;
}

/** Something that is done with one flow after its storage is built. */
type Finish = (flow: PreparedFlow) => Promise<{ words: string[] }>;

interface Work {
  /** `Registering`, `Building`. */
  verb: string;
  /** Whether nothing has to be done; asked before anything is built. */
  isUnchanged: (flow: PreparedFlow) => Promise<boolean>;
  finish: Finish;
  labels: string[];
}

const quoted = (name: string) => `'${harmlessLine(name)}'`;

/** Registers the flows of some places. */
export async function registerSources(
  context: Context,
  registering: Registering,
  client: Client,
  sources: Source[],
  options: RegistrationOptions,
): Promise<Stats> {
  return await eachSource(context, registering, sources, {
    verb: "Registering",
    labels: [...options.labels ?? []],
    isUnchanged: async (flow) => (await registering.checkFlow(client, flow, options)).version !== null,
    finish: async (flow) => {
      const { version } = await registering.sendFlow(client, flow, options);
      return { words: [`  └── ID: ${version.id}`, `  └── Version: ${version.number}`] };
    },
  });
}

/** Builds the flows of some places. */
export async function buildSources(
  context: Context,
  registering: Registering,
  sources: Source[],
  labels: string[],
): Promise<{ stats: Stats; flows: SerializedFlow[] }> {
  const flows: SerializedFlow[] = [];
  const stats = await eachSource(context, registering, sources, {
    verb: "Building",
    labels,
    isUnchanged: () => Promise.resolve(false),
    finish: (flow) => {
      flows.push(registering.serialized(flow));
      return Promise.resolve({ words: [] });
    },
  });
  return { stats, flows };
}

async function eachSource(
  context: Context,
  registering: Registering,
  sources: Source[],
  work: Work,
): Promise<Stats> {
  const { out } = context;
  const stats: Stats = { done: 0, skipped: 0, errored: 0 };
  for (const { shown, flows, built } of sources) {
    out.line(`Processing ${quoted(shown)}:`);
    let prepared: PreparedFlow[];
    try {
      prepared = flows.length > 0
        ? await registering.prepareFlows(flows, work.labels)
        : registering.preparedFromFile(built, work.labels);
    } catch (error) {
      stopIfStopped(context);
      out.line(out.colors.red("    Error preparing flows:"));
      sayError(context, error, 6);
      for (const { flow } of flows) out.line(`  ${work.verb} ${quoted(flow.name)}... ${out.colors.red("Error")}`);
      stats.errored += flows.length;
      continue;
    }
    for (const group of registering.groupsOf(prepared)) await doGroup(context, registering, group, work, stats);
  }
  return stats;
}

/** Flows that share a storage: it is built once, and only when one of them changed. */
async function doGroup(
  context: Context,
  registering: Registering,
  group: PreparedFlow[],
  { verb, isUnchanged, finish }: Work,
  stats: Stats,
): Promise<void> {
  const { out, signal } = context;
  const unchanged = new Set<PreparedFlow>();
  for (const flow of group) {
    // A project that does not exist is told here, before anything is built, and ends the command.
    if (await isUnchanged(flow)) unchanged.add(flow);
  }
  const [{ storage, isBuilt }] = group;
  if (unchanged.size < group.length && !isBuilt) {
    out.line(`  Building \`${registering.storageKind(group[0])}\` storage...`);
    try {
      await storage?.build({ print: (line) => out.line(`  ${harmless(line)}`), signal });
    } catch (error) {
      stopIfStopped(context);
      out.line(out.colors.red("    Error building storage:"));
      sayError(context, error, 6);
      for (const { name } of group) out.line(`  ${verb} ${quoted(name)}... ${out.colors.red("Error")}`);
      stats.errored += group.length;
      return;
    }
  }
  for (const flow of group) {
    context.stdout.write(`  ${verb} ${quoted(flow.name)}...`);
    if (unchanged.has(flow)) {
      out.line(out.colors.yellow(" Skipped (metadata unchanged)"));
      stats.skipped++;
      continue;
    }
    try {
      const { words } = await finish(flow);
      out.line(out.colors.green(" Done"));
      words.forEach(out.line);
      stats.done++;
    } catch (error) {
      out.line(out.colors.red(" Error"));
      stopIfStopped(context);
      if (isFlowctlError(error, "unavailable")) throw error;
      sayError(context, error, 4);
      stats.errored++;
    }
  }
}

function stopIfStopped({ signal }: Context): void {
  if (signal.aborted) throw signal.reason;
}

function sayError({ out, verbose }: Context, error: unknown, indent: number): void {
  const margin = " ".repeat(indent);
  out.line(renderError(error, verbose).split("\n").map((line) => margin + line).join("\n"));
}

/** The last line, and the exit code when something went wrong. */
export function sayStats(context: Context, { done, skipped, errored }: Stats, word: string): void {
  const { out } = context;
  const said: [number, string, (text: string) => string][] = [
    [done, word, out.colors.green],
    [skipped, "skipped", out.colors.yellow],
    [errored, "errored", out.colors.red],
  ];
  const shown = said.filter(([count], index) => index === 0 || count > 0);
  const length = shown.map(([count, what]) => `${count} ${what}`).join(", ").length;
  const bar = "=".repeat(Math.max(60 - length, 8) >> 1);
  out.line(`${bar} ${shown.map(([count, what, color]) => color(`${count} ${what}`)).join(", ")} ${bar}`);
  if (errored > 0) context.exitCode = 1;
}
