/**
 * Searching by name and id. There may be a million runs, so they are found by indexes alone: an id or its beginning, a name, a name's
 * beginning; within names only among the latest. Of flows, deployments, agents and projects there are few, and any part counts.
 *
 * @module
 */

import type { SearchHit, SearchKind } from "../domain/search.ts";
import { containing } from "./conditions.ts";
import { queryAll } from "./connection.ts";
import type { Db } from "./database.ts";

/** Among so many of the latest runs any part of a name is looked for. */
const LATEST = 2_000;

/** The last letter there is: what begins with a text sorts before the text and this. */
const LAST = "\u{10ffff}";

/** @param limit Of each kind. */
export async function search(db: Db, text: string, limit: number): Promise<SearchHit[]> {
  if (text === "") return [];
  const hits: SearchHit[] = [];
  for (const [kind, source] of Object.entries(FEW) as [SearchKind, string][]) hits.push(...await few(db, kind, source));
  for (const kind of ["flow_run", "task_run"] as const) hits.push(...await runs(db, kind));
  return ORDER.flatMap((kind) => hits.filter((hit) => hit.kind === kind));

  /** Names that are the text, begin with it, hold it; then ids. */
  function few(db: Db, kind: SearchKind, source: string): Promise<SearchHit[]> {
    const any = containing(text);
    return queryAll<SearchHit>(
      db,
      `SELECT '${kind}' AS kind, id, name, part_of AS "of", NULL AS state_type, NULL AS state_name FROM (${source})
        WHERE full_name LIKE ?1 ESCAPE '\\' OR (length(?2) >= 4 AND id LIKE ?2 || '%')
        ORDER BY name <> ?3 COLLATE NOCASE, full_name NOT LIKE substr(?1, 2) ESCAPE '\\', length(name), name, id LIMIT ?4`,
      [any, isIdPart(text) ? text : "", text, limit],
    );
  }

  async function runs(db: Db, kind: "flow_run" | "task_run"): Promise<SearchHit[]> {
    const found = new Map<string, SearchHit>();
    const add = async (where: string, values: string[], from: string = kind) => {
      if (found.size >= limit) return;
      const sql = `SELECT '${kind}' AS kind, r.id, r.name, ${OWNER[kind]} AS "of", r.state_type, r.state_name
        FROM (SELECT id, name, ${OWNER_ID[kind]} AS owner, state_type, state_name FROM ${from} ${where} LIMIT ?) r`;
      for (const hit of await queryAll<SearchHit>(db, sql, [...values, limit])) {
        if (found.size < limit) found.set(hit.id, hit);
      }
    };
    if (isIdPart(text)) {
      const id = text.toLowerCase();
      await add("WHERE id >= ? AND id < ? ORDER BY id DESC", [id, id + LAST]);
    }
    const spellings = [...new Set([text, text.toLowerCase()])];
    for (const name of spellings) await add("WHERE name = ? ORDER BY id DESC", [name]);
    for (const name of spellings) await add("WHERE name >= ? AND name < ? ORDER BY name, id", [name, name + LAST]);
    const latest = `(SELECT * FROM ${kind} ORDER BY id DESC LIMIT ${LATEST})`;
    await add("WHERE instr(lower(name), ?) > 0 ORDER BY id DESC", [text.toLowerCase()], latest);
    return [...found.values()];
  }
}

const ORDER: readonly SearchKind[] = ["flow", "deployment", "flow_run", "task_run", "agent", "project"];

const FEW: Partial<Record<SearchKind, string>> = {
  flow: "SELECT id, name, name AS full_name, project AS part_of FROM flow",
  deployment: `SELECT d.id, d.name, f.name || '/' || d.name AS full_name, f.name AS part_of
    FROM deployment d JOIN flow f ON f.id = d.flow_id`,
  agent: "SELECT id, name, name AS full_name, NULL AS part_of FROM agent",
  project: "SELECT name AS id, name, name AS full_name, NULL AS part_of FROM project",
};

const OWNER_ID = { flow_run: "flow_id", task_run: "flow_run_id" } as const;
const OWNER = {
  flow_run: "(SELECT f.name FROM flow f WHERE f.id = r.owner)",
  task_run: "(SELECT f.name FROM flow_run f WHERE f.id = r.owner)",
} as const;

/** Whether a text may be an id or its beginning. */
const isIdPart = (text: string): boolean => /^[0-9a-f]{4}[0-9a-f-]{0,32}$/i.test(text);
