/**
 * Pushes a built image: progress as lines, a refusal with registry, image and status.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import type { AuthConfig } from "../../docker/types.ts";
import { type Clock, systemClock } from "../../support/clock.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../../support/errors.ts";
import { harmless } from "../../support/text.ts";
import { type FoundLogin, HUB, loginCommand, registryOf } from "../credentials.ts";
import { PullProgress } from "../pull_progress.ts";

/** See {@link pushImage}. */
export interface PushOptions {
  docker: Docker;
  /** The whole name with its tag. */
  reference: string;
  /** Who pushes. */
  credentials: (registry: string) => Promise<FoundLogin | undefined>;
  print: (line: string) => void;
  signal?: AbortSignal;
  clock?: Clock;
}

const PROGRESS_MS = 2000;

/**
 * Pushes.
 *
 * @returns The digest of its manifest in the registry, `sha256:…`.
 * @throws {FlowctlError} `unauthorized`, `forbidden`, `not_found` or `unavailable`, naming registry, image and status
 */
export async function pushImage(options: PushOptions): Promise<string | undefined> {
  const { docker, reference, credentials, print, signal, clock = systemClock } = options;
  const registry = registryOf(reference);
  print(`Pushing image '${reference}' to ${hostOf(registry)}...`);
  let authconfig: AuthConfig | undefined, problem: unknown;
  try {
    const login = await credentials(registry);
    if (login !== undefined) {
      const { from: _from, ...rest } = login;
      authconfig = rest;
    }
  } catch (error) {
    // A secret that was named is meant.
    if (signal?.aborted || isFlowctlError(error, "unauthorized")) throw error;
    // A registry that asks nobody needs none.
    problem = error;
    print(`Warning: ${messageOf(error)}. Image '${reference}' is pushed without a login`);
  }
  const progress = new PullProgress();
  const told = new Set<string>();
  let digest: string | undefined;
  let toldAt = clock.now().epochMilliseconds;
  try {
    for await (const event of docker.getImage(reference).push({ authconfig, signal })) {
      const { id = "", status = "" } = event;
      digest ??= event.aux?.Digest ?? /digest: (sha256:[0-9a-f]{64})/.exec(status)?.[1];
      progress.add({ ...event, status: WORDS[status] ?? status });
      if (status in FINAL && !told.has(id)) {
        told.add(id);
        print(`${id}: ${status}`);
      }
      const now = clock.now().epochMilliseconds;
      if (status !== "Pushing" || now - toldAt < PROGRESS_MS) continue;
      toldAt = now;
      print(`Pushing image '${reference}': ${progress.text}`);
    }
  } catch (error) {
    throw isFlowctlError(error) ? refusal(error, reference, registry, authconfig, problem) : error;
  }
  print(`Pushed image '${reference}'${digest === undefined ? "" : `: ${digest}`}`);
  return digest;
}

/** Words of a push as those of a pull, which are counted. */
const WORDS: Record<string, string> = {
  Preparing: "Waiting",
  Pushing: "Downloading",
  Pushed: "Pull complete",
  "Layer already exists": "Already exists",
};
const FINAL: Record<string, true> = { Pushed: true, "Layer already exists": true };

const hostOf = (registry: string): string => registry === HUB ? "Docker Hub" : `registry "${registry}"`;

/** The engine has only words for what a registry answered; these are the ones it takes from the answer's status. */
const STATUSES: [RegExp, number, "unauthorized" | "forbidden" | "not_found" | "unavailable"][] = [
  [/unauthorized|authentication required|no basic auth credentials|\b401\b/i, 401, "unauthorized"],
  [/denied|forbidden|\b403\b/i, 403, "forbidden"],
  [/name unknown|not found|\b404\b/i, 404, "not_found"],
  [/\b(5\d\d)\b/, 500, "unavailable"],
];

function refusal(
  error: FlowctlError,
  reference: string,
  registry: string,
  authconfig: AuthConfig | undefined,
  problem: unknown,
): FlowctlError {
  const { engineMessage } = error.details;
  if (typeof engineMessage !== "string") return error;
  const says = harmless(engineMessage).trim();
  const found = STATUSES.find(([words]) => words.test(says));
  const status = /\b(5\d\d)\b/.exec(says)?.[1] ?? found?.[1];
  const [, , code = "unavailable"] = found ?? [];
  const login = loginCommand(registry);
  const hint = code !== "unauthorized" && code !== "forbidden"
    ? "Check whether the engine reaches the registry; the image is built and stays on the engine"
    : problem !== undefined
    ? `${messageOf(problem)}; mend that, or log in with: ${login}`
    : authconfig === undefined
    ? `Log in with: ${login}`
    : `The registry did not take the login that is known here; log in again with: ${login}`;
  return new FlowctlError(
    code as "unavailable",
    `Cannot push image "${reference}" to ${hostOf(registry)}: ${
      status === undefined ? "it was refused" : `it was refused with status ${status}`
    } ("${says}")`,
    {
      hint,
      cause: error,
      details: { ...error.details, registry, image: reference, registryStatus: Number(status) || undefined },
    },
  );
}
