/**
 * What a run may read of secrets, on behalf of its lease.
 *
 * @module
 */

import type { Deployment } from "../domain/deployments.ts";
import { namedSecrets, secretEnv } from "../domain/secrets.ts";
import type { Client } from "./client.ts";

type Named = Partial<Pick<Deployment, "secrets" | "flow_runner">>;

/**
 * The values of all secrets that a deployment names.
 *
 * @param client One that speaks for the run.
 * @throws {FlowctlError} `not_found` with the command that sets it, when one is missing
 */
export const readRunSecrets = async (client: Client, { secrets, flow_runner }: Named): Promise<string[]> =>
  await Promise.all(namedSecrets(secrets, flow_runner).map((name) => client.secrets.value(name)));

/**
 * The variables of the runner's `env` that are secrets, with their values.
 *
 * @param read A secret's name → its value.
 * @throws what `read` throws
 */
export async function readSecretEnv(
  read: (name: string) => Promise<string>,
  { flow_runner }: Named,
): Promise<Record<string, string>> {
  const names = Object.entries(secretEnv(flow_runner?.config.env));
  return Object.fromEntries(
    await Promise.all(names.map(async ([variable, name]) => [variable, await read(name)])),
  );
}
