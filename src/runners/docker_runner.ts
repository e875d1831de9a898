/**
 * Starts runs as containers of a Docker Engine.
 *
 * The container is named after the run and outlives the agent: a new agent of the same home finds it by its labels.
 *
 * @module
 */

import { homedir } from "node:os";
import process from "node:process";
import type { Docker } from "../docker/client.ts";
import type { Container } from "../docker/containers.ts";
import type { CreateContainerOptions } from "../docker/types.ts";
import type { Claim, Lease } from "../domain/agents.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import { forgetBinaryVolume } from "../images/binary_volume.ts";
import { findGarbage, removeGarbage } from "../images/garbage.ts";
import { unlessAborted } from "../support/abort.ts";
import { isFlowctlError, messageOf } from "../support/errors.ts";
import { DockerAttempt, exitOf } from "./docker_attempt.ts";
import { createNamed, startOnce } from "./docker_create.ts";
import { createBody, dockerConfig } from "./docker_create_body.ts";
import { executable, PLAIN, type Program, programBinary, type ReadyImage, readyImage } from "./docker_images.ts";
import { agentNetworks, checkNetworks, networksIn } from "./docker_networks.ts";
import { type AllowOption, enforcePolicy } from "./docker_policy.ts";
import { ApiReach } from "./docker_reach.ts";
import { DockerWatch } from "./docker_watch.ts";
import { findEnds, nameOf, tidyContainers } from "./docker_tidy.ts";
import { judgeLeftBehind, PROBE_LABEL } from "./left_behind.ts";
import { engineFacts } from "./engine_facts.ts";
import { handedIn, handInNpm, hasNpmPackages } from "./npm_hand_in.ts";
import { orGiveUp, soon } from "./patience.ts";
import { storageLine } from "./storage_image.ts";
import { realPath } from "./real_path.ts";
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
  /** What `--network` named: networks for every container of this agent. */
  networks?: readonly string[];
  /** What `--volume` named: volumes for every container of this agent. */
  volumes?: readonly string[];
  /** What `--env` named: variables of every flow of this agent. */
  env?: Readonly<Record<string, string>>;
  /** What `--reg-allow-list` named: registries that may be pulled from; all when empty. */
  allowedRegistries?: readonly string[];
  /** How containers reach the API, when it is not to be found out: see `api_way.ts`. */
  apiWay?: "socket" | "url";
  /** The API's address for containers, where they reach it by URL. */
  containerApiUrl?: string;
}

/** The engine's socket by its usual names; whoever has it is root on the host. */
const ENGINE_SOCKETS = [
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/run/containerd/containerd.sock",
  "/run/podman/podman.sock",
];

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
  const { docker, program, pull = true, keepMs = 86_400_000, keepCount = 100, networks = [] } = options;
  const allow = new Set(options.allow);
  const watch = new DockerWatch(docker);
  const place = { cwd: process.cwd(), homedir: homedir(), platform: process.platform };
  const reach = new ApiReach({ docker, way: options.apiWay, given: options.containerApiUrl });
  let host: RunnerHost;
  let isToldOf: string | undefined, checking: Promise<unknown> = Promise.resolve();

  const ours = () => [`${LABELS.installation}=${host.installation}`, `${LABELS.agent}=${host.agentId}`];
  const list = (filters: string[]) => docker.listContainers({ all: true, filters: { label: [...ours(), ...filters] } });

  const attach = (container: Container, name: string, labels: Record<string, string>, tty: boolean, since?: string) =>
    new DockerAttempt({ docker, container, name, labels, tty, watch, clock: host.clock, log: host.log, since });

  const permit = (body: CreateContainerOptions) => {
    const socket = /^unix:\/\/(.+)$/.exec(docker.address)?.[1];
    const forbidden = [...ENGINE_SOCKETS, ...socket === undefined ? [] : [socket], host.home];
    enforcePolicy(body, { allow, forbidden, resolve: realPath, os: watch.info?.OSType });
  };
  const bodyOf = (
    claim: Claim,
    { imageEnv: _, ...rest }: ReadyImage & { installs?: boolean; socketFolder: string },
  ) =>
    createBody({
      claim,
      ...rest,
      networks,
      volumes: options.volumes,
      env: options.env,
      place,
      os: watch.info?.OSType,
      byUrl: reach.byUrl(host, watch.info),
      agentId: host.agentId,
      installation: host.installation,
    });
  const imageOptions = (
    labels: Record<string, string>,
    carrierLabels: Record<string, string>,
    signal: AbortSignal,
    tell?: StartContext["tell"],
  ) => ({
    docker,
    info: watch.info,
    program,
    pull,
    allowedRegistries: options.allowedRegistries,
    home: host.home,
    labels,
    carrierLabels,
    log: host.log,
    storedLogin: host.registryLogin,
    tell,
    signal,
  });

  /** What every run would fail for is said as soon as the engine is there, and again when another engine is. */
  async function sayWhatCannotWork(): Promise<void> {
    const { info } = watch;
    if (!watch.isReady || info === undefined || isToldOf === info.ID) return;
    isToldOf = info.ID;
    const { signal } = watch;
    try {
      await checkNetworks(docker, agentNetworks(networks), signal);
      await programBinary({ info, program, home: host.home, log: host.log, signal });
      permit(bodyOf(PLAIN, { image: "-", unset: [], imageEnv: [], socketFolder: "/-" }));
      const byUrl = reach.byUrl(host, info);
      if (byUrl === undefined) return;
      host.log.info(`Containers reach the API by URL: ${reach.reason(info)}`);
      if (host.isEphemeral) return;
      const labels = { [LABELS.installation]: host.installation, [LABELS.agent]: host.agentId };
      const ready = await readyImage(
        PLAIN,
        imageOptions({ [LABELS.installation]: host.installation }, labels, signal),
      );
      await reach.check(bodyOf(PLAIN, { ...ready, socketFolder: "/-" }), ready.image, host.clock, signal);
    } catch (error) {
      if (isEngineUnreachable(error)) isToldOf = undefined;
      else if (!signal.aborted) {
        const hint = isFlowctlError(error) && error.hint !== undefined ? ` (${error.hint})` : "";
        host.log.warning(`${messageOf(error)}${hint}`);
      }
    }
  }

  /** How many are being started: each relies on an image, and perhaps a volume, that no container uses yet. */
  let starting = 0, removing: Promise<unknown> = Promise.resolve();

  async function start(claim: Claim, context: StartContext) {
    starting++;
    try {
      await removing;
      return await startContainer(claim, context);
    } finally {
      starting--;
    }
  }

  async function startContainer(claim: Claim, { socketFolder, signal, since, tell }: StartContext) {
    const labels = { [LABELS.installation]: host.installation };
    // So that what fills the volume is known as ours and not live, should this process be killed over it.
    const carrierLabels = { ...labels, [LABELS.agent]: host.agentId, [LABELS.lease]: claim.lease.id };
    host.log.info(storageLine(claim, program.version, program.runtime));
    const ready = await unlessAborted(readyImage(claim, imageOptions(labels, carrierLabels, signal, tell)), signal);
    const installs = hasNpmPackages(claim, ready.imageEnv);
    const body = bodyOf(claim, { ...ready, installs, socketFolder });
    permit(body);
    await checkNetworks(docker, networksIn(body), signal);
    if (dockerConfig(claim).command === undefined && reach.byUrl(host, watch.info) !== undefined) {
      const { image } = await unlessAborted(readyImage(PLAIN, imageOptions(labels, carrierLabels, signal)), signal);
      await reach.check(body, image, host.clock, signal);
    }
    const patience = { signal, clock: host.clock };
    handInNpm(installs, socketFolder, program.env ?? {});
    signal.throwIfAborted();
    const { container, name } = await orGiveUp(
      createNamed({ docker, watch, clock: host.clock, claim, body, signal }),
      patience,
      ({ container }) => remove(container),
    );
    try {
      host.log.info(`Created container '${name}' from image '${ready.image}'`);
      for (const line of container.warnings.map((said) => `The engine says of container '${name}': ${said}`)) {
        host.log.warning(line);
        tell?.(line);
      }
      signal.throwIfAborted();
      if (reach.byUrl(host, watch.info) !== undefined) {
        await reach.putFiles(container, claim.lease.token, handedIn(socketFolder), body, signal);
      }
      const attempt = attach(container, name, body.Labels!, body.Tty === true, since);
      try {
        await orGiveUp(
          startOnce(container, { watch, clock: host.clock, signal }),
          patience,
          () => remove(container),
        );
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
      await soon(remove(container), host.clock);
      if (ready.binaryVolume !== undefined) forgetBinaryVolume(docker);
      throw error;
    }
  }

  async function remove(container: Container): Promise<void> {
    await container.remove({ force: true, v: true }).catch((error) => {
      if (!isFlowctlError(error, "not_found")) host.log.warning(messageOf(error));
    });
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
    const label = [`${LABELS.installation}=${host.installation}`];
    const found = (await docker.listContainers({ all: true, filters: { label } }))
      .filter(({ Labels }) => Labels[LABELS.agent] === host.agentId || PROBE_LABEL in Labels);
    const now = host.clock.now();
    const ends = await findEnds(docker, found, now.epochMilliseconds - keepMs);
    const verdicts = judgeLeftBehind(found, {
      now,
      keepMs,
      keepCount,
      isLive,
      isKnown: () => true,
      endedAt: (id) => ends.get(id),
    });
    await tidyContainers(docker, verdicts, {
      isLive,
      before({ act, container }) {
        if (act === "stop") {
          host.log.warning(`Stopping container '${nameOf(container)}': its run is no longer this agent's`);
        }
      },
      onError: (_, error) => host.log.warning(messageOf(error)),
    });
    await tidyImages();
  }

  /** Images and volumes of older versions. */
  async function tidyImages(): Promise<void> {
    const { version } = program;
    const labels = { [LABELS.installation]: host.installation };
    // An agent that has no binary for its engine says so when a run needs one.
    const hashed = await executable({ info: watch.info, program, home: host.home }).catch(() => undefined);
    for (const one of await findGarbage({ docker, labels, versions: [version], sha256: hashed?.sha256 })) {
      // A deployment may be of an older version, and its container is about to be created: another time.
      if (starting > 0) return;
      const removal = removeGarbage(docker, one);
      removing = removal.catch(() => {});
      if (await removal) host.log.info(`Removed ${one.kind} '${one.name}': ${one.why}`);
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
    get engine() {
      return watch.info && engineFacts(watch.info, docker.address);
    },
    open(given) {
      host = given;
      watch.onReadyChange(() => void (checking = Promise.all([checking, sayWhatCannotWork()])));
      watch.open(given);
    },
    onReadyChange: (listener) => watch.onReadyChange(listener),
    async answers(signal) {
      return watch.isReady && await docker.ping({ signal }).then(() => true, () => false);
    },
    check(claim) {
      dockerConfig(claim);
      hasNpmPackages(claim);
      permit(bodyOf(claim, { image: "-", unset: [], imageEnv: [], socketFolder: "/-" }));
    },
    start,
    adopt,
    tidy,
    async close() {
      await watch.close();
      // It ends by itself, unless it waits for an engine that hangs.
      await soon(checking, host.clock);
      docker.close();
    },
  };
}
