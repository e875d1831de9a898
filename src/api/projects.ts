/**
 * Routes of projects. Ours: Prefect 2 has none, and its routes are about `default`.
 *
 * @module
 */

import { z } from "zod";
import { Project, ProjectCreate, ProjectQuery, ProjectRow, ProjectUpdate } from "../domain/projects.ts";
import {
  createProject,
  deleteProject,
  listProjectRows,
  listProjects,
  readProject,
  updateProject,
} from "../store/projects.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";

const tag = "Projects";

/** See the module's comment. */
export const projectRoutes: Route[] = [
  route({
    method: "POST",
    path: "/projects/",
    tag,
    summary: "Create a project",
    about: "Answers 409 when it exists.",
    body: ProjectCreate,
    answers: { 201: Project },
    handle: async ({ write, body, now }) => made(await write((tx) => createProject(tx, body, now())), true),
  }),
  route({
    method: "POST",
    path: "/projects/filter",
    tag,
    summary: "List projects by name",
    body: ProjectQuery,
    bodyOptional: true,
    answers: { 200: z.array(Project) },
    handle: async ({ read, body }) => ok(await listProjects(read, body)),
  }),
  route({
    method: "GET",
    path: "/projects/{name}",
    tag,
    summary: "Read a project",
    answers: { 200: Project },
    handle: async ({ read, params }) => ok(await readProject(read, params.name)),
  }),
  route({
    method: "POST",
    path: "/projects/page",
    tag,
    summary: "List projects with how much is in each",
    about: "Runs are not counted beyond 1000.",
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: z.array(ProjectRow) },
    handle: async ({ read }) => ok(await listProjectRows(read)),
  }),
  route({
    method: "PATCH",
    path: "/projects/{name}",
    tag,
    summary: "Change a project's description",
    body: ProjectUpdate,
    answers: { 200: Project },
    handle: async ({ write, params, body }) => ok(await write((tx) => updateProject(tx, params.name, body))),
  }),
  route({
    method: "DELETE",
    path: "/projects/{name}",
    tag,
    summary: "Delete a project with its flows, their deployments, runs and logs",
    about: "The project `default` can't be deleted.",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      await write((tx) => deleteProject(tx, params.name));
      return nothing();
    },
  }),
];
