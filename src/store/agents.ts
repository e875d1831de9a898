/**
 * Agents. Their ids are made by themselves and live in their homes.
 *
 * @module
 */

import type { z } from "zod";
import type { Agent, AgentCreate } from "../domain/agents.ts";
import type { Id } from "../domain/common.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { fromJson, fromJsonOrNull, jsonOrNull, notFound, timeText } from "./rows.ts";
import type { AgentTable } from "./tables.ts";

const agentOf = (row: AgentTable): Agent => ({
  id: row.id,
  created: row.created,
  updated: row.updated,
  name: row.name,
  labels: fromJson(row.labels),
  runners: fromJson(row.runners),
  limit: row.run_limit,
  version: row.version,
  engine_id: row.engine_id,
  engine: fromJsonOrNull(row.engine),
  last_seen: row.last_seen,
  stopped: row.stopped,
  away: fromJson(row.away),
});

/** Makes an agent known, or renews what is known of it. */
export async function putAgent(
  tx: Tx,
  body: z.output<typeof AgentCreate>,
  now: Temporal.Instant,
): Promise<{ agent: Agent; created: boolean }> {
  const created = await findAgent(tx, body.id) === undefined;
  await run(
    tx,
    `INSERT INTO agent (id, created, updated, name, labels, runners, run_limit, version, engine_id, last_seen, engine)
      VALUES (?1,?2,?2,?3,?4,?5,?6,?7,?8,?2,?9) ON CONFLICT (id) DO UPDATE SET updated = excluded.updated,
      name = excluded.name, labels = excluded.labels, runners = excluded.runners, run_limit = excluded.run_limit,
      version = excluded.version, engine_id = excluded.engine_id, engine = excluded.engine, last_seen = excluded.last_seen, stopped = NULL`,
    [
      body.id,
      timeText(now),
      body.name,
      JSON.stringify(body.labels),
      JSON.stringify(body.runners),
      body.limit,
      body.version,
      body.engine_id,
      jsonOrNull(body.engine),
    ],
  );
  tx.announce({ kind: "agent", id: body.id });
  return { agent: await readAgent(tx, body.id), created };
}

/** An agent, or undefined. */
export async function findAgent(db: Db, id: Id): Promise<Agent | undefined> {
  const row = await queryOne<AgentTable>(db, "SELECT * FROM agent WHERE id = ?", [id]);
  return row && agentOf(row);
}

/** @throws {FlowctlError} `not_found` */
export async function readAgent(db: Db, id: Id): Promise<Agent> {
  const found = await findAgent(db, id);
  if (!found) throw notFound("Agent", id);
  return found;
}

/** All agents by name. */
export const listAgents = async (db: Db): Promise<Agent[]> =>
  (await queryAll<AgentTable>(db, "SELECT * FROM agent ORDER BY name, id", [])).map(agentOf);

/** Notes a sign of life. */
export const noteAgentSeen = (tx: Tx, id: Id, now: Temporal.Instant): Promise<number> =>
  run(tx, "UPDATE agent SET last_seen = ?, stopped = NULL WHERE id = ?", [timeText(now), id]);

/** Notes which runners an agent can't start now. Writes nothing when that is known. */
export async function noteAgentAway(tx: Tx, id: Id, away: readonly string[]): Promise<void> {
  const update = "UPDATE agent SET away = ?2 WHERE id = ?1 AND away <> ?2";
  if (await run(tx, update, [id, JSON.stringify(away)]) > 0) tx.announce({ kind: "agent", id });
}

/** Notes that an agent stops, until its next sign of life. @throws {FlowctlError} `not_found` */
export async function noteAgentStopped(tx: Tx, id: Id, now: Temporal.Instant): Promise<void> {
  if (await run(tx, "UPDATE agent SET stopped = ? WHERE id = ?", [timeText(now), id]) === 0) {
    throw notFound("Agent", id);
  }
  tx.announce({ kind: "agent", id });
}

/** Deletes an agent and its leases. @throws {FlowctlError} `not_found` */
export async function deleteAgent(tx: Tx, id: Id): Promise<void> {
  if (await run(tx, "DELETE FROM agent WHERE id = ?", [id]) === 0) throw notFound("Agent", id);
  tx.announce({ kind: "agent", id });
}
