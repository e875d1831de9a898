/**
 * How deployments are named on the command line: `FLOW/NAME`, `PROJECT/FLOW/NAME`, or their id.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { Deployment } from "../domain/deployments.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A name in its parts. `project` is undefined when none is said, which means `default`. */
export interface DeploymentName {
  project?: string;
  flow: string;
  name: string;
}

/**
 * Reads a name.
 *
 * @throws FlowctlError `invalid` unless there are two or three parts, none of them empty.
 *
 * @example
 * ```ts
 * import { parseDeploymentName } from "./deployment_names.ts";
 *
 * console.assert(parseDeploymentName("etl/my-flow/nightly").project === "etl");
 * ```
 */
export function parseDeploymentName(text: string): DeploymentName {
  const parts = text.split("/");
  if (parts.every((part) => part !== "")) {
    if (parts.length === 2) return { flow: parts[0], name: parts[1] };
    if (parts.length === 3) return { project: parts[0], flow: parts[1], name: parts[2] };
  }
  throw new FlowctlError("invalid", `Cannot read deployment name "${text}": it has not the form FLOW/NAME`, {
    hint: 'Write FLOW/NAME or PROJECT/FLOW/NAME, for example "my-flow/example". List them with: flowctl deployment ls',
  });
}

/** The name of a deployment as the commands take it; the project only when it is not the default one. */
export function deploymentNameOf(deployment: Pick<Deployment, "project" | "flow_name" | "name">): string {
  const short = `${deployment.flow_name}/${deployment.name}`;
  return deployment.project === "default" ? short : `${deployment.project}/${short}`;
}

/**
 * The deployment of a name or id.
 *
 * @param verb What is being done, for the error: `run`.
 * @throws FlowctlError `not_found`, `invalid`
 */
export async function readDeployment(client: Client, text: string, verb: string): Promise<Deployment> {
  const parsed = UUID.test(text) ? undefined : parseDeploymentName(text);
  try {
    return parsed
      ? await client.deployments.readByName(parsed.flow, parsed.name, parsed.project)
      : await client.deployments.read(text);
  } catch (error) {
    if (!isFlowctlError(error, "not_found")) throw error;
    const what = parsed ? "name" : "id";
    throw new FlowctlError("not_found", `Cannot ${verb} deployment "${text}": no deployment has that ${what}`, {
      hint: "List them with: flowctl deployment ls",
      cause: error,
    });
  }
}
