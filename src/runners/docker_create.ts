/**
 * Creates and starts a run's container, once, also when the engine goes away in the middle of it.
 *
 * @module
 */

import type { Docker } from "../docker/client.ts";
import type { Container } from "../docker/containers.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import type { CreateContainerOptions } from "../docker/types.ts";
import type { Claim } from "../domain/agents.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { containerName } from "./docker_create_body.ts";
import type { DockerWatch } from "./docker_watch.ts";
import { LABELS } from "./runner.ts";

/** The watch notices an engine that went away a moment later than who asked it. */
const LOST_MS = 250;
const MOST_NAMES = 1000;

/** What both wait with. */
export interface EngineAwait {
  watch: DockerWatch;
  clock: Clock;
  signal: AbortSignal;
}

/** See {@link createNamed}. */
export interface CreateNamedOptions extends EngineAwait {
  docker: Docker;
  claim: Claim;
  body: CreateContainerOptions;
}

/**
 * Creates under the run's name, or that with `-1`, `-2` … as Prefect does.
 *
 * @throws {FlowctlError} of the engine, `conflict` when too many containers are named like it
 */
export async function createNamed(
  { docker, claim, body, ...options }: CreateNamedOptions,
): Promise<{ container: Container; name: string }> {
  const base = containerName(claim);
  for (let n = 0, isRepeated = false; n < MOST_NAMES;) {
    const name = n === 0 ? base : `${base}-${n}`;
    try {
      return { container: await docker.createContainer({ ...body, name }, { signal: options.watch.session }), name };
    } catch (error) {
      if (isEngineUnreachable(error)) {
        // It may have been carried out: asking again is answered with a conflict, and the label tells whose it is.
        await untilBack(error, options);
        continue;
      }
      if (!isFlowctlError(error, "conflict")) throw error;
      const other = await find(docker, name);
      // The engine carried out an earlier request whose answer was lost.
      if (other?.Labels[LABELS.lease] === claim.lease.id) return { container: docker.getContainer(other.Id), name };
      if (other !== undefined) {
        n++;
        isRepeated = false;
        continue;
      }
      // Nobody has that name: it was removed just now, or the conflict is about something else.
      if (isRepeated) throw error;
      isRepeated = true;
    }
  }
  throw new FlowctlError("conflict", `Cannot name a container "${base}": ${MOST_NAMES} containers are named like it`, {
    hint: "Remove old ones with: docker container prune",
  });
}

/**
 * Starts a container. When the engine goes away over this, it is asked what became of it: a container must not be started twice.
 *
 * @throws {FlowctlError} of the engine
 */
export async function startOnce(container: Container, options: EngineAwait): Promise<void> {
  while (true) {
    try {
      return await container.start({ signal: options.watch.session });
    } catch (error) {
      if (!isEngineUnreachable(error)) throw error;
      await untilBack(error, options);
      const state = await container.inspect().then(({ State }) => State, () => undefined);
      if (state !== undefined && state.Status !== "created") return;
    }
  }
}

/** Waits for the engine. @throws the error when that is in vain */
async function untilBack(error: unknown, { watch, clock, signal }: EngineAwait): Promise<void> {
  await clock.sleep(LOST_MS, signal);
  await watch.whenReady(signal);
  if (signal.aborted || watch.signal.aborted) throw error;
}

async function find(docker: Docker, name: string): Promise<{ Id: string; Labels: Record<string, string> } | undefined> {
  try {
    const { Id, Config } = await docker.getContainer(name).inspect();
    return { Id, Labels: Config.Labels ?? {} };
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return undefined;
    throw error;
  }
}
