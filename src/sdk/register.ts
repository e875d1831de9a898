/**
 * `flow.register()`: what running a flow file registers.
 *
 * @module
 */

import process from "node:process";
import { flowPage } from "../client/page.ts";
import { currentScope } from "../engine/context.ts";
import type { Registration } from "../domain/registrations.ts";
import { FlowctlError } from "../support/errors.ts";
import { pythonList } from "../support/text.ts";
import { withClient } from "./client_provider.ts";
import { sourceOf } from "./flow_sources.ts";
import { checkOptions } from "./options.ts";
import { printLine } from "./print_line.ts";
import { checkFlow, type PreparedFlow, prepareFlows, sendFlow } from "./registration.ts";
import { type AnyFlow, isCollecting, tasksMade } from "./registry.ts";

/** Options of `flow.register()`. */
export interface RegisterOptions {
  /** The project, which must exist. */
  project: string;
  /** Added to the flow's own. */
  labels?: string[];
  /** Whether its storage is built. False: it was built before. Default true. */
  build?: boolean;
  /** When given it alone decides whether anything changed: the same key as the last time means the version that is there. */
  idempotencyKey?: string;
  /** Whether its schedules make runs from now on. Default true. */
  setScheduleActive?: boolean;
  /** Leaves out the line with the flow's address. Default false. */
  noUrl?: boolean;
  /** A new version also of an unchanged flow. Default false. */
  force?: boolean;
}

const OPTIONS = ["project", "labels", "build", "idempotencyKey", "setScheduleActive", "noUrl", "force"];

/** See `Flow.register`. */
export async function register(flow: AnyFlow, options: RegisterOptions): Promise<string> {
  const { name } = flow;
  if (isCollecting()) {
    process.stderr.write(
      `Flow '${name}' is not registered while its file is loaded; its call of register() does nothing\n`,
    );
    return "";
  }
  checkOptions(`registration of flow "${name}"`, options ?? {}, OPTIONS);
  if (typeof options?.project !== "string" || options.project === "") {
    throw new FlowctlError("invalid", `Cannot register flow "${name}": no project is said`, {
      hint: `Say it: ${name}.register({ project: "…" }). Create one with: flowctl create project NAME`,
    });
  }
  if (currentScope() !== undefined) {
    throw new FlowctlError("invalid", `Cannot register flow "${name}": this is called inside of a run`);
  }
  return await withClient(async ({ client, page = "", print = printLine }) => {
    const [prepared] = await prepareFlows([{ flow, path: sourceOf(flow), tasks: tasksMade() }], options.labels);
    const { flow_id, version } = await checkFlow(client, prepared, options);
    if (version !== null) {
      process.stderr.write(`Flow '${name}' is unchanged since version ${version.number}: nothing is built\n`);
      sayWhere(prepared, { flow_id: flow_id!, version }, options, page, print);
      return version.id;
    }
    if (options.build ?? true) await prepared.storage?.build({ print });
    const registration = await sendFlow(client, prepared, options);
    sayWhere(prepared, { flow_id: registration.flow.id, version: registration.version }, options, page, print);
    return registration.version.id;
  });
}

/** The four lines of Prefect 1: the address carries the flow's id, `ID` is the version's. */
function sayWhere(
  { fields }: PreparedFlow,
  { flow_id, version }: { flow_id: string; version: Registration["version"] },
  { project, noUrl }: RegisterOptions,
  page: string,
  print: (line: string) => void,
): void {
  if (!noUrl) print(`Flow URL: ${flowPage(page, flow_id)}`);
  print(` └── ID: ${version.id}`);
  print(` └── Project: ${project}`);
  print(` └── Labels: ${pythonList(fields.labels ?? [])}`);
}
