/**
 * The rows as SQLite gives them, for Kysely. What is a type alias of `string` here is documented in the first migration.
 *
 * @module
 */

import type { StateType } from "../domain/states.ts";

/** JSON as text. */
export type JsonText = string;
/** 0 or 1. */
export type Flag = number;

/** See the first migration. */
export interface ProjectTable {
  name: string;
  created: string;
  /** Since the second migration. */
  description: string | null;
}

/** See the first migration. */
export interface FlowTable {
  id: string;
  created: string;
  updated: string;
  name: string;
  project: string;
  tags: JsonText;
}

/** See the first migration. */
export interface BundleTable {
  hash: string;
  created: string;
  size: number;
  text: string;
}

/** See the first migration. */
export interface DeploymentTable {
  id: string;
  created: string;
  updated: string;
  name: string;
  flow_id: string;
  version: string | null;
  description: string | null;
  is_schedule_active: Flag;
  paused: Flag;
  parameters: JsonText;
  tags: JsonText;
  labels: JsonText;
  work_queue_name: string | null;
  last_polled: string | null;
  path: string | null;
  manifest_path: string | null;
  storage_document_id: string | null;
  infrastructure_document_id: string | null;
  infra_overrides: JsonText;
  created_by: JsonText | null;
  updated_by: JsonText | null;
  status: "READY" | "NOT_READY";
  enforce_parameter_schema: Flag;
  version_id: string;
}

/** See the first migration. */
export interface DeploymentVersionTable {
  id: string;
  created: string;
  deployment_id: string;
  number: number;
  bundle_hash: string | null;
  flow_runner: JsonText | null;
  entrypoint: string | null;
  parameter_openapi_schema: JsonText | null;
  pull_steps: JsonText | null;
  flowctl_version: string | null;
  /** Since the second migration. */
  storage: JsonText | null;
  secrets: JsonText;
  content_hash: string | null;
  archived: string | null;
  tasks: JsonText | null;
  idempotency_key: string | null;
}

/** See the first migration. */
export interface DeploymentScheduleTable {
  id: string;
  created: string;
  updated: string;
  deployment_id: string;
  position: number;
  schedule: JsonText;
  active: Flag;
  max_active_runs: number | null;
  max_scheduled_runs: number | null;
  catchup: Flag;
}

/** See the first migration. */
export interface FlowRunTable {
  id: string;
  created: string;
  updated: string;
  name: string;
  flow_id: string;
  state_id: string | null;
  state_type: StateType | null;
  state_name: string | null;
  state_timestamp: string | null;
  deployment_id: string | null;
  deployment_version: string | null;
  deployment_version_id: string | null;
  work_queue_name: string | null;
  flow_version: string | null;
  parameters: JsonText;
  idempotency_key: string | null;
  context: JsonText;
  empirical_policy: JsonText;
  tags: JsonText;
  labels: JsonText;
  parent_task_run_id: string | null;
  run_count: number;
  expected_start_time: string | null;
  next_scheduled_start_time: string | null;
  start_time: string | null;
  end_time: string | null;
  total_run_time: number;
  auto_scheduled: Flag;
  infrastructure_document_id: string | null;
  infrastructure_pid: string | null;
  created_by: JsonText | null;
  job_variables: JsonText | null;
  agent_id: string | null;
  attempt: number;
}

/** See the first migration. */
export interface StateColumns {
  id: string;
  timestamp: string;
  type: StateType;
  name: string;
  message: string | null;
  data: JsonText | null;
  state_details: JsonText;
}

/** See the first migration. */
export interface FlowRunStateTable extends StateColumns {
  flow_run_id: string;
}

/** See the first migration. */
export interface TaskRunTable {
  id: string;
  created: string;
  updated: string;
  name: string;
  flow_run_id: string | null;
  task_key: string;
  dynamic_key: string;
  cache_key: string | null;
  cache_expiration: string | null;
  task_version: string | null;
  empirical_policy: JsonText;
  tags: JsonText;
  task_inputs: JsonText;
  state_id: string | null;
  state_type: StateType | null;
  state_name: string | null;
  state_timestamp: string | null;
  run_count: number;
  flow_run_run_count: number;
  expected_start_time: string | null;
  next_scheduled_start_time: string | null;
  start_time: string | null;
  end_time: string | null;
  total_run_time: number;
}

/** See the first migration. */
export interface TaskRunStateTable extends StateColumns {
  task_run_id: string;
}

/** See the first migration. */
export interface TaskRunCacheTable {
  id: string;
  created: string;
  cache_key: string;
  cache_expiration: string | null;
  task_run_state_id: string;
}

/** See the first migration. */
export interface LogTable {
  id: string;
  created: string;
  name: string;
  level: number;
  message: string;
  timestamp: string;
  flow_run_id: string | null;
  task_run_id: string | null;
  key: string | null;
}

/** See the first migration. */
export interface AgentTable {
  id: string;
  created: string;
  updated: string;
  name: string;
  labels: JsonText;
  runners: JsonText;
  run_limit: number | null;
  version: string | null;
  engine_id: string | null;
  last_seen: string;
  /** Since the second migration. */
  stopped: string | null;
  away: JsonText;
  /** Since the eighth migration. */
  engine: JsonText | null;
}

/** See the first migration. */
export interface LeaseTable {
  id: string;
  created: string;
  flow_run_id: string;
  agent_id: string;
  attempt: number;
  token: string;
  started: Flag;
  infrastructure_pid: string | null;
  expires_at: string;
  lost_at: string | null;
}

/** See the third migration. */
export interface SecretTable {
  name: string;
  created: string;
  updated: string;
  nonce: string;
  value: string;
}

/** See the sixth migration. */
export interface AttemptTable {
  id: string;
  flow_run_id: string;
  attempt: number;
  agent_id: string;
  agent_name: string;
  runner: string | null;
  claimed: string;
  kind: "container" | "process" | null;
  name: string | null;
  infrastructure_pid: string | null;
  container_id: string | null;
  image: string | null;
  image_id: string | null;
  digest: string | null;
  networks: JsonText;
  engine_id: string | null;
  host: string | null;
  created: string | null;
  started: string | null;
  ended: string | null;
  exit_code: number | null;
  oom_killed: Flag | null;
  reason: string | null;
}

/** All tables by name. */
export interface Tables {
  project: ProjectTable;
  flow: FlowTable;
  bundle: BundleTable;
  deployment: DeploymentTable;
  deployment_version: DeploymentVersionTable;
  deployment_schedule: DeploymentScheduleTable;
  flow_run: FlowRunTable;
  flow_run_state: FlowRunStateTable;
  task_run: TaskRunTable;
  task_run_state: TaskRunStateTable;
  task_run_cache: TaskRunCacheTable;
  log: LogTable;
  agent: AgentTable;
  lease: LeaseTable;
  secret: SecretTable;
  attempt: AttemptTable;
}
