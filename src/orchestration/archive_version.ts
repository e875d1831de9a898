/**
 * Archives one version of a deployment by hand; registering archives all older ones by itself.
 *
 * @module
 */

import type { Id } from "../domain/common.ts";
import { run } from "../store/connection.ts";
import type { Tx } from "../store/database.ts";
import { readDeployment } from "../store/deployments.ts";
import { readVersion } from "../store/registrations.ts";
import { timeText } from "../store/rows.ts";
import { FlowctlError } from "../support/errors.ts";

/**
 * From now on no runs are made of the version. Archiving twice is fine.
 *
 * @throws {FlowctlError} `not_found`; `conflict` for the version that its deployment's runs are made of
 */
export async function archiveVersion(tx: Tx, id: Id, now: Temporal.Instant): Promise<void> {
  const { number, deployment_id, deployment_name, flow_name } = await readVersion(tx, id);
  if ((await readDeployment(tx, deployment_id)).version_id === id) {
    throw new FlowctlError(
      "conflict",
      `Cannot archive version ${number} of deployment "${flow_name}/${deployment_name}": it is the latest one`,
      { hint: "Pause the deployment, or delete it" },
    );
  }
  await run(tx, "UPDATE deployment_version SET archived = coalesce(archived, ?) WHERE id = ?", [timeText(now), id]);
  tx.announce({ kind: "deployment", id: deployment_id });
}
