/**
 * Secrets in flow files: `Secret.load("NAME")` in a run, `secret("NAME")` in a runner's `env`.
 *
 * In a run of a deployment the value comes from the API, which answers it to that run and to nobody else. A flow that is called in a
 * plain file, or executed without an agent, reads Prefect 1's variables, `FLOWCTL__CONTEXT__SECRETS__<NAME>`.
 *
 * @module
 */

import process from "node:process";
import { readSecretEnv } from "../client/run_secrets.ts";
import type { Client } from "../client/client.ts";
import type { Deployment } from "../domain/deployments.ts";
import { SecretName, type SecretReference } from "../domain/secrets.ts";
import { reach } from "../engine/reach.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";
import { MASK, SecretMask } from "../support/secret_mask.ts";

/** Begins the variables that hold secrets where there is no run of a deployment. */
const VARIABLE = "FLOWCTL__CONTEXT__SECRETS__";

/** All secrets that this process has read: its runs' logs and messages are without them. */
export const secretMask: SecretMask = new SecretMask();

let read: ((name: string) => Promise<string>) | undefined;

/**
 * A secret of a run. Printed, or written as JSON, it shows asterisks; only {@link Secret.get} tells the value.
 *
 * @example
 * ```ts
 * import { flow, Secret } from "flowctl";
 *
 * const sync = flow("sync", async () => {
 *   const token = await Secret.load("API_TOKEN");
 *   await fetch("https://api.example/items", { headers: { authorization: `Bearer ${token.get()}` } });
 * });
 * console.assert(sync.name === "sync");
 * ```
 */
export class Secret {
  /** What it was set as. */
  readonly name: string;
  readonly #value: string;

  private constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  /**
   * Reads a secret: in a run of a deployment that names it, with `secrets: ["NAME"]`; elsewhere from the variable
   * `FLOWCTL__CONTEXT__SECRETS__NAME`.
   *
   * @throws {FlowctlError} `invalid` when it can't be read; the sentence says what to do.
   */
  static async load(name: string): Promise<Secret> {
    checkSecretName(`secret`, name);
    const value = read === undefined ? fromEnvironment(name) : await read(name);
    secretMask.add(value);
    return new Secret(name, value);
  }

  /** The value. */
  get(): string {
    return this.#value;
  }

  /** Asterisks. */
  toString(): string {
    return MASK;
  }

  /** Asterisks. */
  toJSON(): string {
    return MASK;
  }
}

/**
 * A secret as the value of a variable: `env: { TOKEN: secret("API_TOKEN") }`. The run finds the value in its environment; nobody else
 * does, not with `docker inspect` either.
 *
 * @throws {FlowctlError} `invalid` for what is no name of a secret.
 *
 * @example
 * ```ts
 * import { DockerFlowRunner, secret } from "flowctl";
 *
 * const runner = new DockerFlowRunner({ env: { TOKEN: secret("API_TOKEN") } });
 * console.assert(runner.toSpec().config?.env?.TOKEN !== undefined);
 * ```
 */
export function secret(name: string): SecretReference {
  checkSecretName("secret()", name);
  return { secret: name };
}

/** Refuses what is no name of a secret. @param what What is made, e.g. `deployment "d"` */
export function checkSecretName(what: string, name: unknown): void {
  const result = SecretName.safeParse(name);
  if (result.success) return;
  const shown = typeof name === "string" ? `"${name}"` : typeof name;
  throw new FlowctlError("invalid", `Cannot make ${what} with the name ${shown}: ${result.error.issues[0].message}`);
}

/**
 * Makes a process the one of a run: what its deployment's runner has as secrets goes into the environment, and {@link Secret.load} asks
 * the API from now on.
 *
 * @throws {FlowctlError} `invalid` when a secret can't be had.
 */
export async function openRunSecrets(
  { client, deployment, env, clock }: { client: Client; deployment: Deployment; env: Environment; clock: Clock },
): Promise<Disposable> {
  const tell = (error: unknown): never => {
    if (!isFlowctlError(error, "not_found") && !isFlowctlError(error, "forbidden")) throw error;
    // One sentence: the run's state has no place for a hint.
    const hint = error.hint === undefined ? "" : `. ${error.hint}`;
    throw new FlowctlError("invalid", `${messageOf(error)}${hint}`, { cause: error });
  };
  const mine = async (name: string): Promise<string> => {
    try {
      return await reach(() => client.secrets.value(name), clock);
    } catch (error) {
      // Whoever executes a run himself, without an agent, has no lease for it, but may have the value.
      const own = isFlowctlError(error, "forbidden") ? env[VARIABLE + name] : undefined;
      return own || tell(error);
    }
  };
  const values = await readSecretEnv(mine, deployment);
  for (const [variable, value] of Object.entries(values)) {
    secretMask.add(value);
    env[variable] = value;
  }
  read = mine;
  return {
    [Symbol.dispose]() {
      if (read === mine) read = undefined;
    },
  };
}

function fromEnvironment(name: string): string {
  const value = process.env[VARIABLE + name];
  if (value) return value;
  throw new FlowctlError(
    "invalid",
    `Cannot load secret "${name}": only runs of a deployment that names it may read it`,
    {
      hint: `For a flow in this process set ${VARIABLE}${name}`,
    },
  );
}
