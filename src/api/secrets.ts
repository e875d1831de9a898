/**
 * Routes of secrets. Ours. Users set, list and delete them; a value is answered to nobody but a run whose deployment names it.
 *
 * @module
 */

import { z } from "zod";
import { missingSecret, namedSecrets, SecretInfo, SecretName, SecretPut, SecretValue } from "../domain/secrets.ts";
import { deleteSecret, findSecret, listSecrets, putSecret } from "../store/secrets.ts";
import { FlowctlError } from "../support/errors.ts";
import { made, nothing, ok, type Route, route } from "./route.ts";
import { ownDeployment } from "./run_scope.ts";

const tag = "Secrets";

const missing = (name: string) => {
  const { message, hint } = missingSecret(name);
  return new FlowctlError("not_found", message, { hint });
};

/** See the module's comment. */
export const secretRoutes: Route[] = [
  route({
    method: "POST",
    path: "/secrets/filter",
    tag,
    summary: "List secrets",
    about: "Their names; values are never answered.",
    body: z.object({}),
    bodyOptional: true,
    answers: { 200: z.array(SecretInfo) },
    handle: async ({ read }) => ok(await listSecrets(read)),
  }),
  route({
    method: "PUT",
    path: "/secrets/{name}",
    tag,
    summary: "Set a secret",
    about: "It is stored encrypted, with a key that lies beside the database.",
    body: SecretPut,
    secretBody: true,
    answers: { 201: SecretInfo, 200: SecretInfo },
    async handle({ write, params: { name }, body, now, api }) {
      const result = SecretName.safeParse(name);
      if (!result.success) {
        throw new FlowctlError("invalid", `Cannot set secret "${name}": ${result.error.issues[0].message}`);
      }
      const sealed = await api.secrets.seal(name, body.value);
      const { secret, created } = await write((tx) => putSecret(tx, name, sealed, now()));
      return made(secret, created);
    },
  }),
  route({
    method: "DELETE",
    path: "/secrets/{name}",
    tag,
    summary: "Delete a secret",
    answers: { 204: "Deleted" },
    async handle({ write, params: { name } }) {
      const isName = SecretName.safeParse(name).success;
      if (!isName || !await write((tx) => deleteSecret(tx, name))) {
        throw new FlowctlError("not_found", `Cannot delete secret "${name}": there is no secret of that name`);
      }
      return nothing();
    },
  }),
  route({
    method: "GET",
    path: "/secrets/{name}/value",
    tag,
    summary: "Read a secret's value",
    about: "Only on behalf of a run whose deployment names the secret, as long as its attempt is under way.",
    answers: { 200: SecretValue },
    // An agent that comes back hides it in what is left to ship.
    afterEnd: true,
    scope: "allowed",
    async handle(call) {
      const { read, params: { name }, lease, api } = call;
      if (lease === undefined) {
        throw new FlowctlError("forbidden", `Cannot read secret "${name}": values are answered to runs only`, {
          hint: "A flow reads it in a run that an agent starts; elsewhere from the variable " +
            `FLOWCTL__CONTEXT__SECRETS__${name}`,
        });
      }
      const deployment = await ownDeployment(call, lease);
      if (deployment === undefined || !namedSecrets(deployment.secrets, deployment.flow_runner).includes(name)) {
        throw new FlowctlError("forbidden", `Cannot read secret "${name}": the run's deployment does not name it`, {
          hint: `Name it in the deployment, with secrets: ["${name}"], and create that again`,
        });
      }
      const sealed = await findSecret(read, name);
      if (sealed === undefined) throw missing(name);
      return ok({ name, value: await api.secrets.open(name, sealed) } satisfies SecretValue);
    },
  }),
];
