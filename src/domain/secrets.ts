/**
 * Secrets: texts with a name that only runs read which name them, and logins for registries that only agents read.
 *
 * Routes never answer a value to a user. In a runner's `env` a secret stands as `{ "secret": "NAME" }`, and its value is put into the
 * run's own process. What Prefect has are blocks; this is Prefect 1's `Secret`.
 *
 * @module
 */

import { z } from "zod";
import { Timestamp } from "./common.ts";

/** The most characters that a value may have. */
export const MAX_SECRET = 65_536;

/** A name that can be a variable's. */
export const SecretName = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_.-]{0,199}$/,
  "a secret's name has letters, digits, _, . and - only, and begins with a letter or _",
);

/** A secret where a value could stand. */
export const SecretReference = z.strictObject({ secret: SecretName });
/** See {@link SecretReference}. */
export type SecretReference = z.output<typeof SecretReference>;

/** What everybody may know of a secret. */
export const SecretInfo = z.object({ name: z.string(), created: Timestamp, updated: Timestamp });
/** See {@link SecretInfo}. */
export type SecretInfo = z.output<typeof SecretInfo>;

/** `PUT /secrets/{name}`. */
export const SecretPut = z.object({ value: z.string().min(1).max(MAX_SECRET) });
/** See {@link SecretPut}. */
export type SecretPut = z.input<typeof SecretPut>;

/** `GET /secrets/{name}/value`, on behalf of a run. */
export const SecretValue = z.object({ name: z.string(), value: z.string() });
/** See {@link SecretValue}. */
export type SecretValue = z.output<typeof SecretValue>;

/** A variable's value: a text, or the secret that holds it. */
export type EnvValue = string | SecretReference;

/** Whether a variable's value is a secret. */
export const isSecretReference = (value: EnvValue): value is SecretReference => typeof value !== "string";

/** The variables that are no secrets. */
export const plainEnv = (env: Record<string, EnvValue>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => !isSecretReference(pair[1])));

/** The variables that are secrets, with the secrets' names. */
export const secretEnv = (env: Record<string, EnvValue> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env ?? {}).flatMap(([name, value]) => isSecretReference(value) ? [[name, value.secret]] : []),
  );

/**
 * All secrets of a deployment: those that it names, and those in its runner's `env`; each once, sorted.
 *
 * @param named Absent in what a server of an older version answers.
 */
export const namedSecrets = (
  named: readonly string[] | undefined,
  runner: { config?: { env?: Record<string, EnvValue> | null } | null } | null | undefined,
): string[] => [...new Set([...named ?? [], ...Object.values(secretEnv(runner?.config?.env))])].sort();

/** Whoever reads a secret that is not there is told how to make it. */
export const missingSecret = (name: string): { message: string; hint: string } => ({
  message: `Cannot read secret "${name}": there is no secret of that name`,
  hint: `Set it with: flowctl secret set ${name}`,
});
