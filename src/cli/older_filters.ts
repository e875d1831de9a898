/**
 * The filters that the commands of the older dialect (`get`, `describe`) share.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { FlowctlError } from "../support/errors.ts";

/** By the names of flow and project; undefined when neither is said. */
export function flowsOf({ name, project }: { name?: string | undefined; project?: string | undefined }) {
  if (name === undefined && project === undefined) return undefined;
  return {
    ...name === undefined ? {} : { name: { any_: [name] } },
    ...project === undefined ? {} : { project: { any_: [project] } },
  };
}

/** By a version's number. */
export const versionsOf = (version: number | undefined) => version === undefined ? {} : { number: { any_: [version] } };

/**
 * The newest run of a name.
 *
 * @param verb What is being done, for the error: `describe`.
 * @param flow Only a run of this flow.
 * @throws FlowctlError `not_found`
 */
export async function newestRun(
  client: Pick<Client, "flowRuns">,
  name: string,
  verb: string,
  flow?: string,
): Promise<FlowRun> {
  const query = { flow_runs: { name: { any_: [name] } }, flows: flowsOf({ name: flow }) };
  const [run] = await client.flowRuns.list({ ...query, sort: "ID_DESC", limit: 1 });
  if (run !== undefined) return run;
  const which = flow === undefined ? "" : ` of flow "${flow}"`;
  throw new FlowctlError("not_found", `Cannot ${verb} flow run "${name}": no run${which} has that name`, {
    hint: "List them with: flowctl get flow-runs",
  });
}

/**
 * Words of Prefect 1 for which the command line has no room: options of two letters, and `--version` of one command, which is the
 * program's own.
 */
const OTHER_WORDS: Record<string, string> = { "-fn": "--flow-name", "-fv": "--flow-version", "--version": "-v" };

/** The words of a command of the older dialect as this command line understands them. */
export function olderWords(args: string[]): string[] {
  if (args[0] !== "get" && args[0] !== "describe") return args;
  return args.flatMap((word) => word.startsWith("--version=") ? ["-v", word.slice(10)] : OTHER_WORDS[word] ?? word);
}
