/**
 * How many runs of each state match: quick also among a million, for nobody counts further than needed.
 *
 * @module
 */

import { sql, type SqlBool } from "kysely";
import type { z } from "zod";
import type { FacetQuery, Facets } from "../domain/flow_run_pages.ts";
import { STATE_TYPES, type StateType } from "../domain/state_types.ts";
import { joined } from "./conditions.ts";
import type { Db } from "./database.ts";
import { matchesOf, nounLanes, stateLane, timesOf } from "./run_lanes.ts";

/** The most that is counted of one state. */
export const MOST_COUNTED = 10_000;
/** So many runs of each lane are looked at when a filter has to be tried on each. */
const MOST_LOOKED_AT = 5_000;

type Asked = z.output<typeof FacetQuery>;
interface Count {
  count: number;
  more: boolean;
}

/** Counts the runs that match, of each state; which states are asked for does not matter. */
export async function flowRunFacets(db: Db, query: Asked, now: Temporal.Instant): Promise<Facets> {
  const { flow_runs, ...others } = query;
  const { state: _, ...own } = flow_runs ?? {};
  const isFiltered = Object.values(own).some((filter) => filter !== undefined);
  const asked = { ...others, flow_runs: isFiltered ? own as Asked["flow_runs"] : undefined };
  const late = await countLate(db, asked, now);
  const lanes = nounLanes(asked);
  const counts = lanes === undefined
    ? await countByState(db, asked, now)
    : await countInLanes(db, lanes.map(({ where }) => where), asked, now);
  return {
    states: STATE_TYPES.flatMap((state_type) => {
      const counted = counts.get(state_type);
      return counted === undefined || counted.count === 0 ? [] : [{ state_type, ...counted }];
    }),
    late,
  };
}

/** Whether only times restrict: they are in the indexes. */
const isOnlyTime = ({ flows, deployments, task_runs, flow_runs }: Asked) =>
  flows === undefined && deployments === undefined && task_runs === undefined &&
  Object.entries(flow_runs ?? {}).every(([name, filter]) => filter === undefined || name === "expected_start_time");

async function countByState(db: Db, asked: Asked, now: Temporal.Instant): Promise<Map<StateType, Count>> {
  const counts = new Map<StateType, Count>();
  for (const type of STATE_TYPES) {
    const where = joined([stateLane(type).where, timesOf(asked, now)]);
    if (isOnlyTime(asked)) {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM
        (SELECT 1 FROM flow_run WHERE ${where} LIMIT ${MOST_COUNTED + 1})`.execute(db);
      const [{ count }] = rows;
      counts.set(type, { count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED });
    } else {
      const { rows } = await sql<{ count: number; looked: number }>`
        SELECT count(*) AS looked, coalesce(sum(${matchesOf(asked, now) ?? joined([])}), 0) AS count FROM
          (SELECT rowid AS number FROM flow_run WHERE ${where} ORDER BY flow_run.expected_start_time DESC
            LIMIT ${MOST_LOOKED_AT}) place CROSS JOIN flow_run ON flow_run.rowid = place.number`.execute(db);
      const [{ count, looked }] = rows;
      counts.set(type, { count, more: looked === MOST_LOOKED_AT });
    }
  }
  return counts;
}

async function countInLanes(
  db: Db,
  lanes: ReturnType<typeof joined>[],
  asked: Asked,
  now: Temporal.Instant,
): Promise<Map<StateType, Count>> {
  const counts = new Map<StateType, Count>();
  let more = false;
  for (const lane of lanes) {
    const most = Math.ceil(2 * MOST_LOOKED_AT / lanes.length);
    const place = sql`(SELECT rowid AS number FROM flow_run WHERE ${joined([lane, timesOf(asked, now)])}
      ORDER BY flow_run.expected_start_time DESC LIMIT ${most})`;
    const { rows } = await sql<{ state_type: StateType | null; count: number; looked: number }>`
      SELECT flow_run.state_type, count(*) AS looked, coalesce(sum(${matchesOf(asked, now) ?? joined([])}), 0) AS count
      FROM ${place} place CROSS JOIN flow_run ON flow_run.rowid = place.number GROUP BY flow_run.state_type`.execute(
      db,
    );
    if (rows.reduce((sum, { looked }) => sum + looked, 0) === most) more = true;
    for (const { state_type, count } of rows) {
      if (state_type === null) continue;
      counts.set(state_type, { count: (counts.get(state_type)?.count ?? 0) + count, more: false });
    }
  }
  for (const counted of counts.values()) counted.more = more;
  return counts;
}

/** Late runs are few: agents take them first, and only so many are named at once. */
async function countLate(db: Db, asked: Asked, now: Temporal.Instant): Promise<Count> {
  const matches = matchesOf(asked, now);
  const { rows } = await sql<{ count: number; looked: number }>`
    SELECT count(*) AS looked, coalesce(sum(${matches ?? sql<SqlBool>`1`}), 0) AS count FROM
      (SELECT rowid AS number FROM flow_run WHERE state_name = 'Late' LIMIT ${MOST_LOOKED_AT}) place
      CROSS JOIN flow_run ON flow_run.rowid = place.number`.execute(db);
  const [{ count, looked }] = rows;
  return { count, more: looked === MOST_LOOKED_AT };
}
