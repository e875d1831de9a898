/**
 * Attempts: what each claim of a run became, kept when its lease is over.
 *
 * @module
 */

/** `attempt.id` is the lease's. Runs of before have no rows. */
export const attempts = `
CREATE TABLE attempt (
  id TEXT PRIMARY KEY NOT NULL,
  flow_run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  runner TEXT,
  claimed TEXT NOT NULL,
  kind TEXT,
  name TEXT,
  infrastructure_pid TEXT,
  container_id TEXT,
  image TEXT,
  image_id TEXT,
  digest TEXT,
  networks TEXT NOT NULL DEFAULT '[]',
  engine_id TEXT,
  host TEXT,
  created TEXT,
  started TEXT,
  ended TEXT,
  exit_code INTEGER,
  oom_killed INTEGER,
  reason TEXT
) STRICT;
CREATE INDEX attempt_by_run ON attempt (flow_run_id, attempt);
CREATE INDEX attempt_by_agent ON attempt (agent_id, claimed);
`;
