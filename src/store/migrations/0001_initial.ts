/**
 * The first schema.
 *
 * Times are the wire's text (its fixed width sorts), JSON is text, booleans are 0 and 1. Deployments are named by runs without a
 * foreign key: a run outlives its deployment and keeps the id, as in Prefect. Logs have no foreign key either: they outlive
 * their runs. Leases have none, because the agent of a deleted run must still be told to end its container.
 *
 * @module
 */

/** See the module's comment. */
export const initial = `
CREATE TABLE project (
  name TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL
) STRICT;

CREATE TABLE flow (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  name TEXT NOT NULL,
  project TEXT NOT NULL REFERENCES project (name) ON UPDATE CASCADE ON DELETE CASCADE,
  tags TEXT NOT NULL DEFAULT '[]',
  UNIQUE (project, name)
) STRICT;
CREATE INDEX flow_by_name ON flow (name, id);
CREATE INDEX flow_by_created ON flow (created);

CREATE TABLE bundle (
  hash TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  size INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE deployment (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  name TEXT NOT NULL,
  flow_id TEXT NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
  version TEXT,
  description TEXT,
  is_schedule_active INTEGER NOT NULL DEFAULT 1,
  paused INTEGER NOT NULL DEFAULT 0,
  parameters TEXT NOT NULL DEFAULT '{}',
  tags TEXT NOT NULL DEFAULT '[]',
  labels TEXT NOT NULL DEFAULT '[]',
  work_queue_name TEXT,
  last_polled TEXT,
  path TEXT,
  manifest_path TEXT,
  storage_document_id TEXT,
  infrastructure_document_id TEXT,
  infra_overrides TEXT NOT NULL DEFAULT '{}',
  created_by TEXT,
  updated_by TEXT,
  status TEXT NOT NULL DEFAULT 'NOT_READY',
  enforce_parameter_schema INTEGER NOT NULL DEFAULT 0,
  version_id TEXT NOT NULL REFERENCES deployment_version (id) DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (flow_id, name)
) STRICT;
CREATE INDEX deployment_by_name ON deployment (name, id);
CREATE INDEX deployment_by_created ON deployment (created);
CREATE INDEX deployment_by_updated ON deployment (updated);
CREATE INDEX deployment_by_version ON deployment (version_id);

CREATE TABLE deployment_version (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL,
  bundle_hash TEXT REFERENCES bundle (hash),
  flow_runner TEXT,
  entrypoint TEXT,
  parameter_openapi_schema TEXT,
  pull_steps TEXT,
  flowctl_version TEXT,
  UNIQUE (deployment_id, number)
) STRICT;
CREATE INDEX deployment_version_by_bundle ON deployment_version (bundle_hash);

CREATE TABLE deployment_schedule (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  schedule TEXT NOT NULL,
  active INTEGER NOT NULL,
  max_active_runs INTEGER,
  max_scheduled_runs INTEGER,
  catchup INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deployment_schedule_by_deployment ON deployment_schedule (deployment_id, position);

CREATE TABLE flow_run (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  name TEXT NOT NULL,
  flow_id TEXT NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
  state_id TEXT,
  state_type TEXT,
  state_name TEXT,
  state_timestamp TEXT,
  deployment_id TEXT,
  deployment_version TEXT,
  deployment_version_id TEXT,
  work_queue_name TEXT,
  flow_version TEXT,
  parameters TEXT NOT NULL DEFAULT '{}',
  idempotency_key TEXT,
  context TEXT NOT NULL DEFAULT '{}',
  empirical_policy TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '[]',
  labels TEXT NOT NULL DEFAULT '[]',
  parent_task_run_id TEXT REFERENCES task_run (id) ON DELETE SET NULL,
  run_count INTEGER NOT NULL DEFAULT 0,
  expected_start_time TEXT,
  next_scheduled_start_time TEXT,
  start_time TEXT,
  end_time TEXT,
  total_run_time REAL NOT NULL DEFAULT 0,
  auto_scheduled INTEGER NOT NULL DEFAULT 0,
  infrastructure_document_id TEXT,
  infrastructure_pid TEXT,
  created_by TEXT,
  job_variables TEXT,
  agent_id TEXT,
  attempt INTEGER NOT NULL DEFAULT 0,
  UNIQUE (flow_id, idempotency_key)
) STRICT;
CREATE INDEX flow_run_by_flow ON flow_run (flow_id, id);
CREATE INDEX flow_run_by_name ON flow_run (name, id);
CREATE INDEX flow_run_by_deployment ON flow_run (deployment_id, state_type, next_scheduled_start_time);
CREATE INDEX flow_run_by_state ON flow_run (state_type, id);
CREATE INDEX flow_run_by_state_name ON flow_run (state_name, id);
CREATE INDEX flow_run_due ON flow_run (next_scheduled_start_time, id) WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_run_by_next ON flow_run (next_scheduled_start_time, id);
CREATE INDEX flow_run_by_expected_start ON flow_run (expected_start_time, id);
CREATE INDEX flow_run_by_start ON flow_run (start_time, id);
CREATE INDEX flow_run_by_any_start ON flow_run (coalesce(start_time, expected_start_time), id);
CREATE INDEX flow_run_by_end ON flow_run (end_time, id);
CREATE INDEX flow_run_by_parent ON flow_run (parent_task_run_id);

CREATE TABLE flow_run_state (
  id TEXT PRIMARY KEY NOT NULL,
  flow_run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
  timestamp TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  message TEXT,
  data TEXT,
  state_details TEXT NOT NULL
) STRICT;
CREATE INDEX flow_run_state_by_run ON flow_run_state (flow_run_id, timestamp, id);

CREATE TABLE task_run (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  name TEXT NOT NULL,
  flow_run_id TEXT REFERENCES flow_run (id) ON DELETE CASCADE,
  task_key TEXT NOT NULL,
  dynamic_key TEXT NOT NULL,
  cache_key TEXT,
  cache_expiration TEXT,
  task_version TEXT,
  empirical_policy TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '[]',
  task_inputs TEXT NOT NULL DEFAULT '{}',
  state_id TEXT,
  state_type TEXT,
  state_name TEXT,
  state_timestamp TEXT,
  run_count INTEGER NOT NULL DEFAULT 0,
  flow_run_run_count INTEGER NOT NULL DEFAULT 0,
  expected_start_time TEXT,
  next_scheduled_start_time TEXT,
  start_time TEXT,
  end_time TEXT,
  total_run_time REAL NOT NULL DEFAULT 0,
  UNIQUE (flow_run_id, task_key, dynamic_key)
) STRICT;
CREATE INDEX task_run_by_flow_run ON task_run (flow_run_id, id);
CREATE INDEX task_run_by_name ON task_run (name, id);
CREATE INDEX task_run_by_state ON task_run (state_type, id);
CREATE INDEX task_run_by_expected_start ON task_run (expected_start_time, id);
CREATE INDEX task_run_by_start ON task_run (start_time, id);
CREATE INDEX task_run_by_end ON task_run (end_time, id);
CREATE INDEX task_run_by_next ON task_run (next_scheduled_start_time, id);

CREATE TABLE task_run_state (
  id TEXT PRIMARY KEY NOT NULL,
  task_run_id TEXT NOT NULL REFERENCES task_run (id) ON DELETE CASCADE,
  timestamp TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  message TEXT,
  data TEXT,
  state_details TEXT NOT NULL
) STRICT;
CREATE INDEX task_run_state_by_run ON task_run_state (task_run_id, timestamp, id);

CREATE TABLE task_run_cache (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  cache_key TEXT NOT NULL,
  cache_expiration TEXT,
  task_run_state_id TEXT NOT NULL REFERENCES task_run_state (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX task_run_cache_by_key ON task_run_cache (cache_key, created);
CREATE INDEX task_run_cache_by_state ON task_run_cache (task_run_state_id);

CREATE TABLE log (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  name TEXT NOT NULL,
  level INTEGER NOT NULL,
  message TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  flow_run_id TEXT,
  task_run_id TEXT,
  key TEXT,
  UNIQUE (flow_run_id, key)
) STRICT;
CREATE INDEX log_by_flow_run ON log (flow_run_id, timestamp, id);
CREATE INDEX log_by_task_run ON log (task_run_id, timestamp, id);
CREATE INDEX log_by_time ON log (timestamp, id);

CREATE TABLE agent (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL,
  name TEXT NOT NULL,
  labels TEXT NOT NULL DEFAULT '[]',
  runners TEXT NOT NULL DEFAULT '[]',
  run_limit INTEGER,
  version TEXT,
  engine_id TEXT,
  last_seen TEXT NOT NULL
) STRICT;
CREATE INDEX agent_by_engine ON agent (engine_id);

-- One row per live lease; it goes when the attempt is over. At most one per run, and that is the current attempt.
CREATE TABLE lease (
  id TEXT PRIMARY KEY NOT NULL,
  created TEXT NOT NULL,
  flow_run_id TEXT NOT NULL UNIQUE,
  agent_id TEXT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  token TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL DEFAULT 0,
  infrastructure_pid TEXT,
  expires_at TEXT NOT NULL,
  lost_at TEXT
) STRICT;
CREATE INDEX lease_by_agent ON lease (agent_id);
CREATE INDEX lease_by_expiry ON lease (expires_at);

INSERT INTO project (name, created) VALUES ('default', strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'));
`;
