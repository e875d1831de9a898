/**
 * Routes about the server itself; Prefect's root and admin routes.
 *
 * @module
 */

import { z } from "zod";
import { queryOne } from "../store/connection.ts";
import { jsonAnswer } from "./errors.ts";
import { INSTANCE_HEADER } from "./instance.ts";
import { API_VERSION } from "./request.ts";
import { ok, type Route, route } from "./route.ts";

const tag = "Admin";

/** See the module's comment. */
export const adminRoutes: Route[] = [
  route({
    method: "GET",
    path: "/health",
    tag,
    access: "OPEN",
    summary: "Say that the server answers",
    answers: { 200: z.literal(true) },
    scope: "allowed",
    ungated: true,
    handle: ({ api }) => jsonAnswer(true, 200, api.instance === undefined ? {} : { [INSTANCE_HEADER]: api.instance }),
  }),
  route({
    method: "GET",
    path: "/ready",
    tag,
    access: "OPEN",
    summary: "Say whether the database answers",
    answers: { 200: z.object({ message: z.literal("OK") }), 503: "The database does not answer" },
    scope: "allowed",
    async handle({ read }) {
      try {
        await queryOne(read, "SELECT 1", []);
        return ok({ message: "OK" });
      } catch {
        return jsonAnswer({ message: "Database is not available" }, 503);
      }
    },
  }),
  route({
    method: "GET",
    path: "/hello",
    tag,
    access: "OPEN",
    summary: "Say hello",
    answers: { 200: z.literal("👋") },
    scope: "allowed",
    handle: () => ok("👋"),
  }),
  route({
    method: "GET",
    path: "/version",
    tag,
    access: "OPEN",
    summary: "Say which version of Prefect's API this is",
    answers: { 200: z.string() },
    scope: "allowed",
    ungated: true,
    handle: () => ok(API_VERSION),
  }),
  route({
    method: "GET",
    path: "/admin/version",
    tag,
    access: "OPEN",
    summary: "Say which version of flowctl this is",
    answers: { 200: z.string() },
    scope: "allowed",
    handle: ({ api }) => ok(api.version),
  }),
  route({
    method: "GET",
    path: "/csrf-token",
    tag,
    access: "RUNNER",
    summary: "Say that no CSRF token is needed",
    about: "Prefect's client asks before its first write. It goes on without a token when it is told exactly this.",
    answers: { 422: z.object({ detail: z.string() }) },
    scope: "allowed",
    handle: () => jsonAnswer({ detail: "CSRF protection is disabled." }, 422),
  }),
];
