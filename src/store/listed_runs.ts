/**
 * Runs as lists show them: with the names of what they belong to, and how long they usually take. One question for a page, and a small one
 * for each deployment or flow on it.
 *
 * @module
 */

import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import {
  cursorOf,
  DEFAULT_PAGE_SORT,
  type FlowRunPage,
  type FlowRunPageQuery,
  type ListedRun,
  placeOf,
} from "../domain/flow_run_pages.ts";
import { median } from "../support/median.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";
import { estimatedRunTime, estimatedStartTimeDelta, fromJson, timeText } from "./rows.ts";
import { type Found, walk } from "./run_pages.ts";
import type { FlowRunTable } from "./tables.ts";

/** The number of runs of a page when none is asked for. */
const USUAL_LIMIT = 50;

/** So long after its time a run that has not begun is late, in seconds; as `orchestration/mark_late.ts` has it. */
const LATE_AFTER_SECONDS = 15;

/** See the module's comment. */
export async function flowRunPage(
  db: Db,
  query: z.output<typeof FlowRunPageQuery>,
  now: Temporal.Instant,
): Promise<FlowRunPage> {
  const { sort = DEFAULT_PAGE_SORT, limit = USUAL_LIMIT, after, before } = query;
  const backwards = before !== undefined;
  const cursor = after ?? before;
  const from = cursor === undefined ? undefined : placeOf(sort, cursor);
  const { found, next } = await walk(db, { choice: query, sort, limit, from, backwards, now });
  if (backwards) found.reverse();
  return {
    results: await listedRuns(db, found, now),
    next: next === undefined ? null : cursorOf(sort, next),
    previous: found.length === 0 ? null : cursorOf(sort, found[0]),
  };
}

type Row =
  & Pick<
    FlowRunTable,
    | "id"
    | "name"
    | "state_type"
    | "state_name"
    | "state_timestamp"
    | "flow_id"
    | "deployment_id"
    | "tags"
    | "labels"
    | "created"
    | "expected_start_time"
    | "start_time"
    | "end_time"
    | "total_run_time"
    | "auto_scheduled"
    | "agent_id"
  >
  & { flow_name: string; project: string; deployment_name: string | null; agent_name: string | null };

const ROWS =
  `SELECT r.id, r.name, r.state_type, r.state_name, r.state_timestamp, r.flow_id, r.deployment_id, r.tags, r.labels,
    r.created, r.expected_start_time, r.start_time, r.end_time, r.total_run_time, r.auto_scheduled, r.agent_id,
    f.name AS flow_name, f.project, d.name AS deployment_name, a.name AS agent_name
  FROM json_each(?) page CROSS JOIN flow_run r ON r.rowid = page.value CROSS JOIN flow f ON f.id = r.flow_id
    LEFT JOIN deployment d ON d.id = r.deployment_id LEFT JOIN agent a ON a.id = r.agent_id
  ORDER BY page.key`;

async function listedRuns(db: Db, found: readonly Found[], now: Temporal.Instant): Promise<ListedRun[]> {
  const rows = await queryAll<Row>(db, ROWS, [JSON.stringify(found.map(({ number }) => number))]);
  const at = timeText(now);
  const usual = usualRunTimes(db, at);
  const runs: ListedRun[] = [];
  for (const row of rows) {
    runs.push({
      id: row.id,
      name: row.name,
      state_type: row.state_type,
      state_name: row.state_name,
      flow_id: row.flow_id,
      flow_name: row.flow_name,
      project: row.project,
      deployment_id: row.deployment_id,
      deployment_name: row.deployment_name,
      tags: fromJson(row.tags),
      labels: fromJson(row.labels),
      created: row.created,
      expected_start_time: row.expected_start_time,
      start_time: row.start_time,
      end_time: row.end_time,
      estimated_run_time: estimatedRunTime(row, at),
      usual_run_time: await usual(row.flow_id, row.deployment_id),
      late: row.state_type === "SCHEDULED" && estimatedStartTimeDelta(row, at) > LATE_AFTER_SECONDS,
      auto_scheduled: row.auto_scheduled === 1,
      agent_id: row.agent_id,
      agent_name: row.agent_name,
    });
  }
  return runs;
}

/** Of the last 200 runs of a deployment or flow the last 20 that completed: bounded also where nothing ever does. */
const lastTimes = (column: "deployment_id" | "flow_id") =>
  `SELECT total_run_time AS seconds FROM (SELECT state_type, total_run_time FROM flow_run
    WHERE ${column} = ? AND expected_start_time <= ? ORDER BY expected_start_time DESC, id DESC LIMIT 200)
    WHERE state_type = 'COMPLETED' LIMIT 20`;

const LAST_TIMES = { deployment_id: lastTimes("deployment_id"), flow_id: lastTimes("flow_id") };

/** How long runs usually take, in seconds: asked once for each deployment or flow. @param now As {@link timeText} */
export function usualRunTimes(db: Db, now: string): (flowId: Id, deploymentId: Id | null) => Promise<number | null> {
  const known = new Map<string, number | null>();
  const ask = async (column: keyof typeof LAST_TIMES, id: Id) => {
    const seen = known.get(id);
    if (seen !== undefined) return seen;
    const rows = await queryAll<{ seconds: number }>(db, LAST_TIMES[column], [id, now]);
    const usual = median(rows.map(({ seconds }) => seconds));
    known.set(id, usual);
    return usual;
  };
  return async (flowId, deploymentId) =>
    (deploymentId === null ? null : await ask("deployment_id", deploymentId)) ?? await ask("flow_id", flowId);
}
