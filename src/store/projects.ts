/**
 * Projects: namespaces of flows. `default` is there from the beginning; others are created, or come into being with their first flow.
 *
 * @module
 */

import { sql } from "kysely";
import type { z } from "zod";
import type { Id } from "../domain/common.ts";
import { DEFAULT_PROJECT } from "../domain/flows.ts";
import type { Project, ProjectCreate, ProjectQuery, ProjectRow, ProjectUpdate } from "../domain/projects.ts";
import { FlowctlError } from "../support/errors.ts";
import { isAnyOf, isLike, joined } from "./conditions.ts";
import { queryAll, queryOne, run } from "./connection.ts";
import type { Db, Tx } from "./database.ts";
import { limitOf } from "./pages.ts";
import { notFound, timeText } from "./rows.ts";

const COLUMNS = `project.name, project.created, project.description,
  (SELECT count(*) FROM flow WHERE flow.project = project.name) AS flow_count`;

/** Makes a project unless it is there. */
export async function ensureProject(tx: Tx, name: string, now: Temporal.Instant): Promise<number> {
  const insert = "INSERT INTO project (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING";
  const made = await run(tx, insert, [name, timeText(now)]);
  if (made > 0) tx.announce({ kind: "project", name });
  return made;
}

/** Makes a project. @throws {FlowctlError} `conflict` when it is there. */
export async function createProject(
  tx: Tx,
  { name, description }: z.output<typeof ProjectCreate>,
  now: Temporal.Instant,
): Promise<Project> {
  const insert = "INSERT INTO project (name, created, description) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
  if (await run(tx, insert, [name, timeText(now), description]) === 0) {
    throw new FlowctlError("conflict", `Cannot create project "${name}": it exists already`);
  }
  tx.announce({ kind: "project", name });
  return await readProject(tx, name);
}

/** A project, or undefined. */
export const findProject = (db: Db, name: string): Promise<Project | undefined> =>
  queryOne<Project>(db, `SELECT ${COLUMNS} FROM project WHERE name = ?`, [name]);

/** @throws {FlowctlError} `not_found` */
export async function readProject(db: Db, name: string): Promise<Project> {
  const found = await findProject(db, name);
  if (!found) throw notFound("Project", name);
  return found;
}

/** By name. */
export async function listProjects(db: Db, query: Partial<z.output<typeof ProjectQuery>>): Promise<Project[]> {
  const filter = query.projects?.name;
  const matches = joined([isAnyOf("project.name", filter?.any_), isLike("project.name", filter?.like_)]);
  const { rows } = await sql<Project>`SELECT ${sql.raw(COLUMNS)} FROM project WHERE ${matches}
    ORDER BY project.name LIMIT ${limitOf(query)} OFFSET ${query.offset ?? 0}`.execute(db);
  return rows;
}

/** How many runs of a project are counted at most: the list is asked for again whenever one of them changes. */
const MOST_RUNS = 1_000;

/** All of them by name, with how much is in each. */
export const listProjectRows = (db: Db): Promise<ProjectRow[]> =>
  queryAll<ProjectRow>(
    db,
    `SELECT ${COLUMNS},
      (SELECT count(*) FROM flow JOIN deployment ON deployment.flow_id = flow.id WHERE flow.project = project.name)
        AS deployment_count,
      (SELECT count(*) FROM (SELECT 1 FROM flow JOIN flow_run ON flow_run.flow_id = flow.id
        WHERE flow.project = project.name LIMIT ${MOST_RUNS})) AS run_count
    FROM project ORDER BY project.name`,
    [],
  );

/** Changes a project. @throws {FlowctlError} `not_found` */
export async function updateProject(
  tx: Tx,
  name: string,
  { description }: z.output<typeof ProjectUpdate>,
): Promise<Project> {
  if (description !== undefined) {
    await run(tx, "UPDATE project SET description = ? WHERE name = ?", [description || null, name]);
  }
  const project = await readProject(tx, name);
  tx.announce({ kind: "project", name });
  return project;
}

/**
 * Deletes a project with its flows, their deployments, runs, task runs, states and logs.
 *
 * @throws {FlowctlError} `not_found`; `conflict` for the default one, which must be there.
 */
export async function deleteProject(tx: Tx, name: string): Promise<void> {
  if (name === DEFAULT_PROJECT) {
    throw new FlowctlError("conflict", `Cannot delete project "${name}": it is that of flows for which none is said`);
  }
  const ofProject = "IN (SELECT id FROM flow WHERE project = ?)";
  const runs = await queryAll<{ id: Id }>(tx, `SELECT id FROM flow_run WHERE flow_id ${ofProject}`, [name]);
  const deployments = await queryAll<{ id: Id }>(tx, `SELECT id FROM deployment WHERE flow_id ${ofProject}`, [name]);
  await run(tx, `DELETE FROM log WHERE flow_run_id IN (SELECT id FROM flow_run WHERE flow_id ${ofProject})`, [name]);
  if (await run(tx, "DELETE FROM project WHERE name = ?", [name]) === 0) throw notFound("Project", name);
  tx.announce({ kind: "project", name });
  for (const { id } of runs) tx.announce({ kind: "flow_run", id, state: null });
  for (const { id } of deployments) tx.announce({ kind: "deployment", id });
}
