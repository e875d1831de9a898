/**
 * Starts runs as containers of a Docker Engine.
 *
 * The container is named after the run and outlives the agent: a new agent of the same home finds it by its labels.
 *
 * @module
 */

import { realpathSync } from "node:fs";
import type { Docker } from "../docker/client.ts";
import type { Container } from "../docker/containers.ts";
import type { ContainerInfo, CreateContainerOptions } from "../docker/types.ts";
import type { Claim, Lease } from "../domain/agents.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import { forgetBinaryVolume } from "../images/binary_volume.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { DockerAttempt, exitOf } from "./docker_attempt.ts";
import { containerName, createBody, dockerConfig } from "./docker_create_body.ts";
import { type Program, readyImage } from "./docker_images.ts";
import { type AllowOption, enforcePolicy } from "./docker_policy.ts";
import { DockerWatch } from "./docker_watch.ts";
import { handInNpm, hasNpmPackages } from "./npm_hand_in.ts";
import { type AttachContext, LABELS, type Runner, type RunnerHost, type StartContext } from "./runner.ts";

/** See {@link createDockerRunner}. */
export interface DockerRunnerOptions {
  docker: Docker;
  program: Program;
  /** False with `--no-pull`: images have to be there. */
  pull?: boolean;
  /** What `--allow` named. */
  allow?: Iterable<AllowOption>;
  /** How long finished containers are kept for `docker logs`, in milliseconds; default 24 h. */
  keepMs?: number;
  /** How many finished containers are kept at most; default 100. */
  keepCount?: number;
}

/** The engine's socket by its usual names; whoever has it is root on the host. */
const ENGINE_SOCKETS = [
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/run/containerd/containerd.sock",
  "/run/podman/podman.sock",
];
const STOP_GRACE_MS = 30_000;
/** The watch notices an engine that went away a moment later than who asked it. */
const LOST_MS = 250;
const MOST_NAMES = 1000;

/**
 * Makes a runner over one engine.
 *
 * @example
 * ```ts
 * import { openDocker } from "../docker/client.ts";
 * import { createDockerRunner } from "./docker_runner.ts";
 *
 * const runner = createDockerRunner({ docker: await openDocker(), program: { version: "0.1.0", runtime: "bun1.4" } });
 * console.assert(runner.type === "docker" && !runner.isReady);
 * ```
 */
export function createDockerRunner(options: DockerRunnerOptions): Runner {
  const { docker, program, pull = true, keepMs = 86_400_000, keepCount = 100 } = options;
  const allow = new Set(options.allow);
  const watch = new DockerWatch(docker);
  let host: RunnerHost;

  const ours = () => [`${LABELS.installation}=${host.installation}`, `${LABELS.agent}=${host.agentId}`];
  const list = (filters: string[]) => docker.listContainers({ all: true, filters: { label: [...ours(), ...filters] } });

  const attach = (container: Container, name: string, labels: Record<string, string>, tty: boolean, since?: string) =>
    new DockerAttempt({ container, name, labels, tty, watch, clock: host.clock, log: host.log, since });

  const permit = (body: CreateContainerOptions) => {
    const socket = /^unix:\/\/(.+)$/.exec(docker.address)?.[1];
    const forbidden = [...ENGINE_SOCKETS, ...socket === undefined ? [] : [socket], host.home];
    enforcePolicy(body, { allow, forbidden, resolve: realPath });
  };
  const bodyOf = (
    claim: Claim,
    rest: { image: string; socketFolder: string; binaryVolume?: string; unset?: string[] },
  ) => createBody({ claim, ...rest, agentId: host.agentId, installation: host.installation });

  async function start(claim: Claim, { socketFolder, signal, since }: StartContext) {
    const labels = { [LABELS.installation]: host.installation };
    // So that what fills the volume is known as ours and not live, should this process be killed over it.
    const carrierLabels = { ...labels, [LABELS.agent]: host.agentId, [LABELS.lease]: claim.lease.id };
    const { info } = watch;
    const ready = await readyImage(claim, {
      docker,
      info,
      program,
      pull,
      home: host.home,
      labels,
      carrierLabels,
      log: host.log,
      signal,
    });
    const body = bodyOf(claim, { ...ready, socketFolder });
    permit(body);
    handInNpm(claim, socketFolder, program.env ?? {});
    signal.throwIfAborted();
    const { container, name } = await create(claim, body, signal);
    try {
      host.log.info(`Created container '${name}' from image '${ready.image}'`);
      signal.throwIfAborted();
      const attempt = attach(container, name, body.Labels!, body.Tty === true, since);
      try {
        await begin(container, signal);
      } catch (error) {
        attempt.detach();
        throw error;
      }
      const driver = body.HostConfig?.LogConfig?.Type ?? "";
      if (!["json-file", "local"].includes(driver)) {
        host.log.warning(`Container '${name}' has log driver '${driver}': lines may be missing from its run's logs`);
      }
      return attempt;
    } catch (error) {
      // What never ran tells nobody anything. The signal may be the reason, so it does not stop the removal.
      await container.remove({ force: true, v: true }).catch((e) => host.log.warning(messageOf(e)));
      if (ready.binaryVolume !== undefined) forgetBinaryVolume(docker);
      throw error;
    }
  }

  /** Starts it. When the engine goes away over this, it is asked what became of it: a container must not be started twice. */
  async function begin(container: Container, signal: AbortSignal): Promise<void> {
    while (true) {
      try {
        return await container.start();
      } catch (error) {
        if (!isEngineUnreachable(error)) throw error;
        await isBack(error, signal);
        const state = await container.inspect().then(({ State }) => State, () => undefined);
        if (state !== undefined && state.Status !== "created") return;
      }
    }
  }

  /** Waits for the engine. @throws the error when that is in vain */
  async function isBack(error: unknown, signal: AbortSignal): Promise<void> {
    await host.clock.sleep(LOST_MS, signal);
    await watch.whenReady(signal);
    if (signal.aborted || watch.signal.aborted) throw error;
  }

  /** Creates under the run's name, or that with `-1`, `-2` … as Prefect does. */
  async function create(
    claim: Claim,
    body: CreateContainerOptions,
    signal: AbortSignal,
  ): Promise<{ container: Container; name: string }> {
    const base = containerName(claim);
    for (let n = 0, isRepeated = false; n < MOST_NAMES;) {
      const name = n === 0 ? base : `${base}-${n}`;
      try {
        return { container: await docker.createContainer({ ...body, name }), name };
      } catch (error) {
        if (isEngineUnreachable(error)) {
          // It may have been carried out: asking again is answered with a conflict, and the label tells whose it is.
          await isBack(error, signal);
          continue;
        }
        if (!isFlowctlError(error, "conflict")) throw error;
        const other = await find(name);
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
    throw new FlowctlError(
      "conflict",
      `Cannot name a container "${base}": ${MOST_NAMES} containers are named like it`,
      {
        hint: "Remove old ones with: docker container prune",
      },
    );
  }

  async function find(name: string): Promise<{ Id: string; Labels: Record<string, string> } | undefined> {
    try {
      const { Id, Config } = await docker.getContainer(name).inspect();
      return { Id, Labels: Config.Labels ?? {} };
    } catch (error) {
      if (isFlowctlError(error, "not_found")) return undefined;
      throw error;
    }
  }

  async function adopt(lease: Lease, { since }: AttachContext) {
    const all = await list([`${LABELS.lease}=${lease.id}`]);
    // What filled a volume for it, and was left behind, was never started.
    const found = all.find(({ State }) => State !== "created") ?? all[0];
    if (found === undefined) return undefined;
    const container = docker.getContainer(found.Id);
    const { Config, State } = await container.inspect();
    if (!State.Running && exitOf(State) === undefined && State.Status === "created") {
      // Its agent died between creating and starting it; the run will be started anew.
      await container.remove({ force: true, v: true });
      return undefined;
    }
    const attempt = attach(container, nameOf(found), found.Labels, Config.Tty === true, since);
    await attempt.refresh();
    return attempt;
  }

  async function tidy(isLive: (leaseId: string) => boolean): Promise<void> {
    // Whoever starts a run is known as live before its container exists, so the list is asked for first.
    const others = (await list([])).filter(({ Labels }) => Labels[LABELS.lease] && !isLive(Labels[LABELS.lease]));
    const running = others.filter(({ State }) => ["running", "paused", "restarting"].includes(State));
    await Promise.all(running.map(async (one) => {
      host.log.warning(`Stopping container '${nameOf(one)}': its run is no longer this agent's`);
      await quietly(() => docker.getContainer(one.Id).stop({ t: STOP_GRACE_MS / 1000 }));
    }));
    const finished = others.filter((one) => !running.includes(one)).sort((a, b) => b.Created - a.Created);
    const oldest = host.clock.now().subtract({ milliseconds: keepMs }).epochMilliseconds;
    for (const [n, one] of finished.entries()) {
      const isSpent = n >= keepCount || one.State === "created" || one.Labels[LABELS.autoRemove] === "true" ||
        (one.Created * 1000 < oldest && await endedBefore(one, oldest));
      if (isSpent) await quietly(() => docker.getContainer(one.Id).remove({ v: true }));
    }
  }

  /** The list tells when a container was created; a run of two days must not vanish as soon as it ends. */
  async function endedBefore({ Id }: ContainerInfo, epochMs: number): Promise<boolean> {
    try {
      const { State } = await docker.getContainer(Id).inspect();
      return Date.parse(State.FinishedAt) < epochMs;
    } catch {
      return false;
    }
  }

  async function quietly(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!isFlowctlError(error, "not_found") && !isFlowctlError(error, "conflict")) host.log.warning(messageOf(error));
    }
  }

  return {
    type: "docker",
    get isReady() {
      return watch.isReady;
    },
    get engineId() {
      return watch.info?.ID || undefined;
    },
    open(given) {
      host = given;
      watch.open(given);
    },
    onReadyChange: (listener) => watch.onReadyChange(listener),
    check(claim) {
      dockerConfig(claim);
      hasNpmPackages(claim);
      permit(bodyOf(claim, { image: "-", socketFolder: "/-" }));
    },
    start,
    adopt,
    tidy,
    async close() {
      await watch.close();
      docker.close();
    },
  };
}

const nameOf = ({ Names, Id }: ContainerInfo): string => Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12);

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
