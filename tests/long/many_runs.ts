/**
 * Writes very many runs straight into a home's database, before its server starts: through the API a million takes minutes.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/store/database.ts";
import { systemClock } from "../../src/support/clock.ts";

/** What {@link writeRuns} made, by the place in its lists. */
export interface ManyRuns {
  flows: string[];
  deployments: string[];
  /** The id of the nth run; 0 is the newest. */
  runId(n: number): string;
}

const uuid = (kind: number, n: number) => `0000000${kind}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/**
 * Writes them. The nth run (0 is the newest) began `n * everySeconds` before now. Of each hundred, 4 failed, 2 crashed, 2 were cancelled
 * and the others are completed; run 0 to 9 are running. A tenth has no deployment. Each has its state; none has task runs or logs.
 *
 * @param path The database: `flowctl.db` in the home. It must not be in use.
 */
export async function writeRuns(
  path: string,
  { runs, flows = 10, deploymentsPerFlow = 3, everySeconds = 7 }: {
    runs: number;
    flows?: number;
    deploymentsPerFlow?: number;
    everySeconds?: number;
  },
): Promise<ManyRuns> {
  // Makes the schema.
  await (await openStore({ path, clock: systemClock })).close();
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000; PRAGMA temp_store=MEMORY");
    db.exec("BEGIN");
    // An index that is made at the end is made by sorting once.
    const indexes = db.prepare(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
        AND tbl_name IN ('flow_run', 'flow_run_state')`,
    ).all() as { name: string; sql: string }[];
    for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
    const made = new Date(Date.now() - (runs + 1) * everySeconds * 1000).toISOString().replace("Z", "000+00:00");
    const flowIds = Array.from({ length: flows }, (_, n) => uuid(1, n));
    const deploymentIds = Array.from({ length: flows * deploymentsPerFlow }, (_, n) => uuid(2, n));
    const flow = db.prepare(
      "INSERT INTO flow (id, created, updated, name, project) VALUES (?1, ?2, ?2, ?3, 'default')",
    );
    flowIds.forEach((id, n) => flow.run(id, made, `flow-${n}`));
    const deployment = db.prepare(
      `INSERT INTO deployment (id, created, updated, name, flow_id, tags, labels, version_id, status)
        VALUES (?1, ?2, ?2, ?3, ?4, '["many"]', '["docker"]', ?5, 'READY')`,
    );
    const version = db.prepare(
      "INSERT INTO deployment_version (id, created, deployment_id, number) VALUES (?1, ?2, ?3, 1)",
    );
    deploymentIds.forEach((id, n) => {
      deployment.run(id, made, `deployment-${n}`, flowIds[n % flows], uuid(3, n));
      version.run(uuid(3, n), made, id);
    });
    const zone = (expression: string) =>
      `strftime('%Y-%m-%dT%H:%M:%f', ${expression}, 'unixepoch', 'subsec') || '000+00:00'`;
    db.prepare(
      `WITH RECURSIVE
        numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1),
        kinds AS (
          SELECT n, ?2 - n * ?3 AS at,
            CASE WHEN n < 10 THEN 'RUNNING' ELSE CASE n % 100 WHEN 11 THEN 'FAILED' WHEN 29 THEN 'FAILED' WHEN 47 THEN 'FAILED'
              WHEN 83 THEN 'FAILED' WHEN 17 THEN 'CRASHED' WHEN 61 THEN 'CRASHED' WHEN 53 THEN 'CANCELLED' WHEN 71 THEN 'CANCELLED'
              ELSE 'COMPLETED' END END AS type,
            20 + (n * 7919) % 37 AS seconds,
            CASE WHEN n % 10 = 9 THEN NULL ELSE n % ?4 END AS deployment
          FROM numbers ORDER BY n DESC
        )
      INSERT INTO flow_run (id, created, updated, name, flow_id, state_id, state_type, state_name, state_timestamp, deployment_id,
        deployment_version_id, empirical_policy, tags, labels, run_count, expected_start_time, start_time, end_time, total_run_time)
      SELECT printf('40000000-0000-7000-8000-%012x', ?1 - n), ${zone("at")}, ${zone("at + seconds")},
        printf('%s-%s-%d', CASE n % 4 WHEN 0 THEN 'heavy' WHEN 1 THEN 'calm' WHEN 2 THEN 'green' ELSE 'wise' END,
          CASE n % 3 WHEN 0 THEN 'parakeet' WHEN 1 THEN 'otter' ELSE 'heron' END, n),
        printf('00000001-0000-4000-8000-%012x', coalesce(deployment, n) % ?5),
        printf('50000000-0000-7000-8000-%012x', ?1 - n), type, upper(substr(type, 1, 1)) || lower(substr(type, 2)),
        ${zone("CASE WHEN type = 'RUNNING' THEN at + 1 ELSE at + seconds END")},
        CASE WHEN deployment IS NULL THEN NULL ELSE printf('00000002-0000-4000-8000-%012x', deployment) END,
        CASE WHEN deployment IS NULL THEN NULL ELSE printf('00000003-0000-4000-8000-%012x', deployment) END,
        '{}', CASE WHEN n % 50 = 0 THEN '["many","rare"]' ELSE '["many"]' END, '["docker"]', 1, ${zone("at")}, ${
        zone("at + 1")
      },
        CASE WHEN type = 'RUNNING' THEN NULL ELSE ${zone("at + seconds")} END,
        CASE WHEN type = 'RUNNING' THEN 0 ELSE seconds - 1 END
      FROM kinds`,
    ).run(runs, Date.now() / 1000 - 1, everySeconds, deploymentIds.length, flows);
    db.exec(
      `INSERT INTO flow_run_state (id, flow_run_id, timestamp, type, name, state_details)
        SELECT state_id, id, state_timestamp, state_type, state_name, '{}' FROM flow_run`,
    );
    for (const { sql } of indexes) db.exec(sql);
    db.exec("COMMIT");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return {
      flows: flowIds,
      deployments: deploymentIds,
      runId: (n) => `40000000-0000-7000-8000-${(runs - n).toString(16).padStart(12, "0")}`,
    };
  } finally {
    db.close();
  }
}
