/**
 * What to type so that a flow runs. Pure.
 *
 * @module
 */

import type { FlowView } from "../domain/flow_views.ts";
import { REGISTERED } from "./flow_versions.ts";

/** A word for a shell. */
const word = (text: string): string => /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The command; undefined for a flow that nothing of the server's can run. */
export function runCommand({ flow, deployments }: Pick<FlowView, "flow" | "deployments">): string | undefined {
  if (deployments.some(({ name }) => name === REGISTERED)) {
    return `flowctl run --name ${word(flow.name)} --project ${word(flow.project)}`;
  }
  const [first] = deployments;
  if (first === undefined) return undefined;
  const project = flow.project === "default" ? "" : `${flow.project}/`;
  return `flowctl deployment run ${word(`${project}${flow.name}/${first.name}`)}`;
}
