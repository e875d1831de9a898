/**
 * Whether and how an image that a deployment names comes to the engine.
 *
 * The policy is that of Prefect 2.20 and Kubernetes: the one given; else `Always` for no tag and `latest`, `IfNotPresent` for any
 * other tag and for digests. `--no-pull` (Prefect 1's) never pulls.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import type { AuthConfig, ImageInspectInfo } from "../docker/types.ts";
import type { ImagePullPolicy } from "../domain/flow_runners.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import { type FoundLogin, HUB, loginCommand, registryOf } from "./credentials.ts";
import { PullProgress } from "./pull_progress.ts";
import { checkRegistry } from "./registry_rule.ts";

/**
 * The policy that holds for an image.
 *
 * @param given What the deployment says.
 * @param mayPull False with `--no-pull`.
 *
 * @example
 * ```ts
 * import { pullPolicy } from "./pull.ts";
 *
 * console.assert(pullPolicy("localhost:5000/app") === "Always");
 * console.assert(pullPolicy("app:1.2") === "IfNotPresent");
 * ```
 */
export function pullPolicy(reference: string, given?: ImagePullPolicy, mayPull = true): ImagePullPolicy {
  if (!mayPull) return "Never";
  if (given !== undefined) return given;
  const { tag = "latest" } = parseReference(reference);
  return tag === "latest" ? "Always" : "IfNotPresent";
}

/** See {@link ensureImage}. */
export interface EnsureImageOptions {
  docker: Docker;
  reference: string;
  policy: ImagePullPolicy;
  /** Who pulls; is asked only when there is a pull. */
  credentials?: (registry: string) => Promise<FoundLogin | undefined>;
  /** Patterns of registries that may be pulled from; all when there are none. */
  allowedRegistries?: readonly string[];
  log: Log;
  /** Takes what is also to stand in the logs of the run that waits for the image. */
  tell?: (line: string) => void;
  signal?: AbortSignal;
  clock?: Clock;
}

/** The first word of a transfer is told at once, the others with a pause. */
const PROGRESS_MS = 2000;

/**
 * Sees to it that the engine has an image, and answers what it is.
 *
 * @throws FlowctlError `not_found` when it is not there and may not be pulled, or no registry has it; `cancelled` on abort; with a
 * hint that says how to log in when the registry wants to know who pulls.
 */
export async function ensureImage(options: EnsureImageOptions): Promise<ImageInspectInfo> {
  const { docker, reference, policy, signal } = options;
  const image = docker.getImage(reference);
  if (policy !== "Always") {
    try {
      return await image.inspect({ signal });
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
      if (policy === "Never") {
        throw new FlowctlError("not_found", `Cannot use image "${reference}": the engine does not have it`, {
          hint:
            'Bring it there with "docker pull", or let the agent pull it: no --no-pull, and a pull policy other than Never',
          cause: error,
          details: error.details,
        });
      }
    }
  }
  await pullImage(options);
  signal?.throwIfAborted();
  return await image.inspect({ signal });
}

async function pullImage(options: EnsureImageOptions): Promise<void> {
  const { docker, reference, credentials, log, tell = () => {}, signal, clock = systemClock } = options;
  const say = (line: string) => {
    log.info(line);
    tell(line);
  };
  const registry = registryOf(reference);
  checkRegistry(reference, registry, options.allowedRegistries ?? []);
  say(`Pulling image '${reference}'...`);
  let login: FoundLogin | undefined, problem: unknown;
  try {
    login = await credentials?.(registry);
  } catch (error) {
    // A helper of another machine, a damaged file: an image that everybody may pull needs none of them.
    if (signal?.aborted) throw error;
    problem = error;
    log.warning(`${messageOf(error)}. Image '${reference}' is pulled without a login`);
    tell(`${messageOf(error)}. Image '${reference}' is pulled without a login`);
  }
  const { from: _from, ...found } = login ?? {};
  const authconfig: AuthConfig | undefined = login && found;
  const progress = new PullProgress();
  const retried = new Set<string>();
  let toldAt = -Infinity;
  try {
    for await (const event of docker.pull(reference, { authconfig, signal })) {
      progress.add(event);
      const { id = "", status = "" } = event;
      if (/^Retrying in/.test(status) && !retried.has(id)) {
        retried.add(id);
        say(`Pulling image '${reference}': layer ${id} failed and is tried again`);
      }
      const now = clock.now().epochMilliseconds;
      if (status !== "Downloading" || now - toldAt < PROGRESS_MS) continue;
      toldAt = now;
      say(`Pulling image '${reference}': ${progress.text}`);
    }
  } catch (error) {
    throw isFlowctlError(error) ? withHint(error, registry, login, problem) : error;
  }
  say(`Pulled image '${reference}'${progress.digest === undefined ? "" : `: ${progress.digest}`}`);
}

const STORE = "flowctl registry login";
const hostText = (registry: string): string => registry === HUB ? "docker.io" : registry;

/** Engines word a refusal each in their own way, and give it status 404 or 500; only the hint follows the words. */
const REFUSAL = /unauthorized|authentication|denied|credential|forbidden|\b40[13]\b/i;

function withHint(
  error: FlowctlError,
  registry: string,
  used: FoundLogin | undefined,
  problem: unknown,
): FlowctlError {
  const { status, engineMessage } = error.details;
  if (status === undefined || typeof engineMessage !== "string") return error;
  const login = `log in on the agent's machine with: ${loginCommand(registry)}`;
  const hint = problem !== undefined
    ? `${messageOf(problem)}; mend that, or ${login}`
    : !REFUSAL.test(engineMessage)
    ? "Check the image's name and whether the engine reaches the registry"
    : used === undefined
    ? `If the image is there, ${login}, or store a login for all agents with: ${STORE} ${hostText(registry)}`
    : used.from === undefined
    ? `The registry did not take the login that the docker configuration has; ${login}`
    : `The registry did not take the login that ${used.from}; store another with: ${STORE} ${hostText(registry)}`;
  return new FlowctlError(error.code, error.message, { hint, cause: error, details: error.details });
}
