/**
 * Routes of registrations and of the versions they make; ours.
 *
 * @module
 */

import { z } from "zod";
import {
  RegisteredVersion,
  Registration,
  RegistrationCheck,
  RegistrationChecked,
  RegistrationCreate,
} from "../domain/registrations.ts";
import { checkRegistration, registerFlow } from "../orchestration/registrations.ts";
import { readFlow } from "../store/flows.ts";
import { listVersions, readVersion } from "../store/registrations.ts";
import { made, ok, type Route, route } from "./route.ts";

const tag = "Registrations";

/** See the module's comment. */
export const registrationRoutes: Route[] = [
  route({
    method: "POST",
    path: "/registrations/",
    tag,
    summary: "Register a flow",
    about:
      "Its deployment named `registered` gets a new version, unless the newest one is the same. Older versions are archived: " +
      "their automatic runs go, their other runs that wait are cancelled.",
    body: RegistrationCreate,
    answers: { 201: Registration, 200: Registration },
    async handle({ write, body, given }) {
      const registration = await write((tx) => registerFlow(tx, body, given()));
      return made(registration, registration.created);
    },
  }),
  route({
    method: "POST",
    path: "/registrations/check",
    tag,
    summary: "Ask whether a registration would make a new version",
    body: RegistrationCheck,
    answers: { 200: RegistrationChecked },
    handle: async ({ read, body }) => ok(await checkRegistration(read, body)),
  }),
  route({
    method: "GET",
    path: "/flows/{id}/versions",
    tag,
    summary: "List the versions of a flow's registrations, newest first",
    answers: { 200: z.array(RegisteredVersion) },
    async handle({ read, params }) {
      await readFlow(read, params.id);
      return ok(await listVersions(read, params.id));
    },
  }),
  route({
    method: "GET",
    path: "/deployment_versions/{id}",
    tag,
    summary: "Read a version of a deployment",
    answers: { 200: RegisteredVersion },
    handle: async ({ read, params }) => ok(await readVersion(read, params.id)),
  }),
];
