/**
 * Which flows and runs no living agent would take, and why.
 *
 * @module
 */

import { agentStatus } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import { labelWarning, type Wanted } from "../domain/label_warnings.ts";
import { listAgents } from "./agents.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { fromJson } from "./rows.ts";

interface Row {
  labels: string;
  runner: string;
}

async function firstWarning(db: Db, rows: Row[], now: Temporal.Instant): Promise<string | null> {
  if (rows.length === 0) return null;
  const agents = (await listAgents(db)).map((agent) => agentStatus(agent, now));
  const wanted = rows.map(({ labels, runner }): Wanted => ({ labels: fromJson(labels), runner }));
  return wanted.map((one) => labelWarning(one, agents)).find((warning) => warning !== null) ?? null;
}

/** Why no agent would take runs of a flow's deployments, that of its registration before others; null when all would be taken. */
export const flowLabelWarning = async (db: Db, flowId: Id, now: Temporal.Instant): Promise<string | null> =>
  await firstWarning(
    db,
    await queryAll<Row>(
      db,
      `SELECT d.labels, v.flow_runner ->> '$.type' AS runner FROM deployment d
        JOIN deployment_version v ON v.id = d.version_id
        WHERE d.flow_id = ? AND v.flow_runner IS NOT NULL ORDER BY d.name <> 'registered', d.name`,
      [flowId],
    ),
    now,
  );

/** Why no agent would take a run that waits; null when one would, and for a run that does not wait for an agent. */
export const runLabelWarning = async (db: Db, runId: Id, now: Temporal.Instant): Promise<string | null> =>
  await firstWarning(
    db,
    await queryAll<Row>(
      db,
      `SELECT r.labels, v.flow_runner ->> '$.type' AS runner FROM flow_run r
        JOIN deployment_version v ON v.id = r.deployment_version_id
        WHERE r.id = ? AND r.state_type = 'SCHEDULED' AND v.flow_runner IS NOT NULL`,
      [runId],
    ),
    now,
  );
