/**
 * How flows are named on the command line of the older dialect: by name, and by project and version where that is not enough.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { FlowVersion } from "../domain/flow_versions.ts";
import { FlowctlError } from "../support/errors.ts";
import { flowsOf, versionsOf } from "./older_filters.ts";

/**
 * The flow that is meant, in the version that is said or the current one.
 *
 * @throws FlowctlError `not_found`; `conflict` when several projects have one, naming them
 */
export async function readFlowVersion(
  client: Pick<Client, "flowVersions">,
  { name, version, project }: { name: string; version?: number | undefined; project?: string | undefined },
): Promise<FlowVersion> {
  const found = await client.flowVersions.list({
    flows: flowsOf({ name, project }),
    flow_versions: versionsOf(version),
  });
  if (found.length === 1) return found[0];
  const what = `flow "${name}"${version === undefined ? "" : `, version ${version}`}`;
  if (found.length === 0) {
    const where = project === undefined ? "" : ` in project "${project}"`;
    throw new FlowctlError("not_found", `Cannot describe ${what}: there is none${where}`, {
      hint: "List them with: flowctl get flows --all-versions",
    });
  }
  const projects = found.map((one) => `"${one.project}"`).join(", ");
  throw new FlowctlError("conflict", `Cannot describe ${what}: several projects have one: ${projects}`, {
    hint: "Say which with: --project",
  });
}
