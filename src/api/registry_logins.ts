/**
 * Routes of logins for registries. Ours. Users set, list and delete them; builds and agents read the one of a registry that they push to or pull
 * from.
 *
 * @module
 */

import { z } from "zod";
import { Registry, RegistryLogin, RegistryLoginInfo, RegistryLoginRequest } from "../domain/registry_logins.ts";
import type { SecretInfo } from "../domain/secrets.ts";
import { readAgent } from "../store/agents.ts";
import type { Db } from "../store/database.ts";
import { deleteSecret, findSecret, listSecrets, putSecret } from "../store/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { type ApiParts, made, nothing, ok, type Route, route } from "./route.ts";

const tag = "Registry logins";

const PREFIX = "registry/";

const infoOf = ({ name, ...times }: SecretInfo, username: string | null): RegistryLoginInfo => ({
  registry: name.slice(PREFIX.length),
  ...times,
  username,
});

/** Who logs in; a login that another key encrypted is listed all the same, so that it can be replaced. */
const userOf = async (db: Db, name: string, api: ApiParts): Promise<string | null> =>
  await loginOf(db, name.slice(PREFIX.length), api).then(({ username }) => username, () => null);

function hostOf(text: string): string {
  const result = Registry.safeParse(text);
  if (result.success) return result.data;
  throw new FlowctlError("invalid", `Cannot use registry "${text}": ${result.error.issues[0].message}`);
}

const missing = (registry: string) =>
  new FlowctlError("not_found", `Cannot find a login for registry "${registry}": none is stored`);

/** See the module's comment. */
export const registryLoginRoutes: Route[] = [
  route({
    method: "POST",
    path: "/registry_logins/filter",
    tag,
    summary: "List registries that there are logins for",
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: z.array(RegistryLoginInfo) },
    async handle({ read, api }) {
      const stored = await listSecrets(read, PREFIX);
      return ok(await Promise.all(stored.map(async (one) => infoOf(one, await userOf(read, one.name, api)))));
    },
  }),
  route({
    method: "PUT",
    path: "/registry_logins/{registry}",
    tag,
    summary: "Store the login for a registry",
    about: "Encrypted, as secrets are. Agents use it when their docker configuration has no login for that registry.",
    body: RegistryLogin,
    secretBody: true,
    answers: { 201: RegistryLoginInfo, 200: RegistryLoginInfo },
    async handle({ write, params, body, now, api }) {
      const name = PREFIX + hostOf(params.registry);
      const sealed = await api.secrets.seal(name, JSON.stringify(body));
      const { secret, created } = await write((tx) => putSecret(tx, name, sealed, now()));
      return made(infoOf(secret, body.username), created);
    },
  }),
  route({
    method: "DELETE",
    path: "/registry_logins/{registry}",
    tag,
    summary: "Delete the login for a registry",
    answers: { 204: "Deleted" },
    async handle({ write, params }) {
      const registry = hostOf(params.registry);
      if (!await write((tx) => deleteSecret(tx, PREFIX + registry))) throw missing(registry);
      return nothing();
    },
  }),
  route({
    method: "POST",
    path: "/registry_logins/read",
    tag,
    summary: "Read the login for a registry, as a build that pushes an image",
    about: "Refused to runs.",
    body: RegistryLoginRequest,
    answers: { 200: RegistryLogin, 404: "None is stored" },
    handle: async ({ read, body: { registry }, api }) => ok(await loginOf(read, registry, api)),
  }),
  route({
    method: "POST",
    path: "/agents/{id}/registry_login",
    tag,
    access: "RUNNER",
    summary: "Read the login for a registry, as an agent that pulls an image",
    about: "Refused to runs: what a container may read is its secrets, and nothing of its agent's.",
    body: RegistryLoginRequest,
    answers: { 200: RegistryLogin, 404: "None is stored" },
    async handle({ read, params, body: { registry }, api }) {
      await readAgent(read, params.id);
      return ok(await loginOf(read, registry, api));
    },
  }),
];

async function loginOf(db: Db, registry: string, { secrets }: ApiParts): Promise<RegistryLogin> {
  const name = PREFIX + registry;
  const sealed = await findSecret(db, name);
  if (sealed === undefined) throw missing(registry);
  return RegistryLogin.parse(JSON.parse(await secrets.open(name, sealed)));
}
