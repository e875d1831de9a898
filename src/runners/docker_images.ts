/**
 * The image that a run is started in, made ready: the default one, or a custom one with the binary's volume.
 *
 * @module
 */

import process from "node:process";
import type { Docker } from "../docker/client.ts";
import { parseReference } from "../docker/images.ts";
import type { EngineInfo } from "../docker/types.ts";
import type { Claim } from "../domain/agents.ts";
import { defaultImage } from "../domain/flow_runners.ts";
import { secretEnv } from "../domain/secrets.ts";
import { BINARY_FOLDER, ensureBinaryVolume } from "../images/binary_volume.ts";
import { findCredentials, firstLogin, type FoundLogin } from "../images/credentials.ts";
import {
  BINARY_LABEL,
  ensureDefaultImage,
  labelOf,
  PATH_LABEL,
  VERSION_LABEL,
  versionOfTag,
} from "../images/default_image.ts";
import { onShelf, targetOf } from "../images/binaries.ts";
import { type BinarySource, findBinary, type FoundBinary } from "../images/find_binary.ts";
import {
  dockerArchitecture,
  findLinuxExecutable,
  type HashedExecutable,
  hashExecutable,
} from "../images/linux_executable.ts";
import { ensureImage, pullPolicy } from "../images/pull.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { Environment } from "../support/paths.ts";
import { dockerConfig } from "./docker_create_body.ts";
import type { RunnerHost } from "./runner.ts";
import { storageImage } from "./storage_image.ts";

/** Where the program and its version come from. */
export interface Program {
  version: string;
  /** `bun1.4`; the last part of the default image's tag. */
  runtime: string;
  /** Path of this process's executable, when it is the compiled binary. */
  own?: string;
  env?: Environment;
  /** Folder of `main.ts`, when run from source. */
  sourceFolder?: string;
  /** Where binaries of other versions and systems come from. */
  source?: BinarySource;
}

/** See {@link readyImage}. */
export interface ReadyImageOptions {
  docker: Docker;
  info: EngineInfo | undefined;
  program: Program;
  /** False with `--no-pull`. */
  pull: boolean;
  /** What `--reg-allow-list` named; all when empty. */
  allowedRegistries?: readonly string[];
  home: string;
  labels: Record<string, string>;
  /** Of the container that carries files into the volume. */
  carrierLabels: Record<string, string>;
  log: Log;
  /** The login for a registry that the API keeps, for when this machine has none. */
  storedLogin?: RunnerHost["registryLogin"];
  /** Takes what is also to stand in the run's logs. */
  tell?: (line: string) => void;
  signal: AbortSignal;
}

/** What the create body needs to know of the image; see `CreateBodyInput`. */
export interface ReadyImage {
  image: string;
  binaryVolume?: string;
  entrypoint?: string[];
  init?: boolean;
  libraryPath?: string;
  unset: string[];
  /** The image's own environment, `NAME=value`. */
  imageEnv: string[];
}

const UNSET = ["BUN_OPTIONS", "BUN_BE_BUN"];

/**
 * Sees to the image of a claim.
 *
 * @throws FlowctlError when it can't be had, or its architecture is not the binary's.
 */
export async function readyImage(claim: Claim, options: ReadyImageOptions): Promise<ReadyImage> {
  const { docker, program, log, signal } = options;
  const config = dockerConfig(claim);
  const { storage } = claim.deployment;
  const chosen = storage ? await storageImage(storage, { ...options, given: config.image_pull_policy }) : undefined;
  const image = chosen?.reference ?? config.image ??
    defaultImage(claim.deployment.flowctl_version ?? program.version, program.runtime);
  // Podman names no init and may have none; then flowctl is the first process.
  const init = options.info?.InitBinary !== "";
  const isFlow = config.command === undefined;
  // A command's secrets are read by the program, which then starts it.
  const hasSecrets = Object.keys(secretEnv(config.env)).length > 0;
  const startCommand = (program: string, entrypoint: readonly string[]) =>
    isFlow ? {} : { entrypoint: [program, "exec", ...hasSecrets ? ["--secrets"] : [], "--", ...entrypoint] };
  if (chosen === undefined && isDefaultImage(image)) {
    const name = await readyDefaultImage(image, options);
    const own = hasSecrets ? startCommand("/flowctl", ["/flowctl"]) : {};
    return { image: name, unset: [], init, imageEnv: [], ...own };
  }

  const policy = chosen?.policy ?? pullPolicy(image, config.image_pull_policy, options.pull);
  const { Architecture, Os, Config } = await ensureImage({
    docker,
    reference: image,
    policy,
    credentials: firstLogin([
      (registry) => findCredentials(registry, { env: program.env, signal }),
      async (registry): Promise<FoundLogin | undefined> => {
        const login = await options.storedLogin?.(registry, signal);
        return login && { ...login, serveraddress: registry, from: "the API keeps" };
      },
    ]),
    allowedRegistries: options.allowedRegistries,
    log,
    tell: options.tell,
    signal,
  });
  const wanted = engineArchitecture(options);
  const isFit = Os === "linux" && Architecture === wanted;
  const imageEnv = Config?.Env ?? [];
  // Its own entrypoint starts it, and the program has no part in it, unless somebody has to be the first process or read secrets.
  if (!isFlow && !hasSecrets && (init || !isFit)) return { image, unset: [], init, imageEnv };
  if (!isFit) {
    throw new FlowctlError("unsupported", `Cannot run a flow in image "${image}": it is for ${Os}/${Architecture}`, {
      hint: `Use an image for linux/${wanted}`,
    });
  }
  signal.throwIfAborted();
  const env = new Map(imageEnv.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)]));
  const unset = UNSET.filter((name) => env.has(name));
  const labels = Config?.Labels ?? {};
  const version = claim.deployment.flowctl_version ?? program.version;
  const inPlace = { entrypoint: [labels[PATH_LABEL] ?? "/flowctl"], libraryPath: env.get("LD_LIBRARY_PATH") };
  if (isFlow && labels[VERSION_LABEL] === version) return { image, ...inPlace, unset, init, imageEnv };
  const binary = await binaryOf(isFlow ? version : program.version, options);
  if (isFlow && labels[BINARY_LABEL] === binary.sha256) return { image, ...inPlace, unset, init, imageEnv };
  const binaryVolume = await ensureBinaryVolume({
    docker,
    version: binary.version,
    executable: binary,
    libraries: binary.libraries,
    image,
    labels: options.labels,
    carrierLabels: options.carrierLabels,
    log,
  });
  const wrapped = startCommand(`${BINARY_FOLDER}/flowctl`, Config?.Entrypoint ?? []);
  return { image, binaryVolume, libraryPath: env.get("LD_LIBRARY_PATH"), unset, init, imageEnv, ...wrapped };
}

/** Sees to a default image; answers its name, which is another one when only a compatible version can be had. */
async function readyDefaultImage(image: string, options: ReadyImageOptions): Promise<string> {
  const { docker, program, log } = options;
  const { tag } = parseReference(image);
  const wanted = versionOfTag(tag);
  if (wanted === undefined) {
    throw new FlowctlError("not_found", `Cannot use image "${image}": no version of flowctl makes it`, {
      hint: `Leave the image out, or use "${defaultImage(program.version, program.runtime)}"`,
    });
  }
  // No registry is asked: whoever owns that name there could run what they like here.
  if (wanted !== program.version && await labelOf(docker, image) !== undefined) return image;
  const binary = await binaryOf(wanted, options);
  const name = binary.version === wanted ? image : defaultImage(binary.version, program.runtime);
  const { libraries } = binary;
  await ensureDefaultImage({ docker, name, executable: binary, libraries, labels: options.labels, log });
  return name;
}

/** Whether a name is that of a default image, of whatever version. */
export const isDefaultImage = (image: string): boolean => parseReference(image).name === "flowctl/flowctl";

const engineArchitecture = ({ info }: Pick<ReadyImageOptions, "info">): string =>
  info === undefined ? { x64: "amd64" }[process.arch as string] ?? process.arch : dockerArchitecture(info.Architecture);

/** A claim that says nothing: what holds for it holds for most. */
export const PLAIN = {
  lease: { id: "", attempt: 1 },
  flow_run: { id: "", name: "" },
  deployment: { flow_runner: null },
} as unknown as Claim;

/**
 * The binary that containers of this engine get for deployments of this version.
 *
 * @throws FlowctlError `unsupported` when there is none, or its containers are not Linux.
 */
export async function programBinary(
  options: Pick<ReadyImageOptions, "info" | "program" | "home" | "log" | "signal">,
): Promise<FoundBinary> {
  const system = options.info?.OSType ?? "linux";
  if (system !== "linux") {
    throw new FlowctlError("unsupported", `Cannot run flows in containers of system "${system}"`, {
      hint: "Switch the engine to Linux containers",
    });
  }
  return await binaryOf(options.program.version, options);
}

async function binaryOf(
  wanted: string,
  options: Pick<ReadyImageOptions, "info" | "program" | "home" | "log" | "signal">,
): Promise<FoundBinary> {
  const { program, home, log, signal } = options;
  const { version, own, env = process.env, sourceFolder, source } = program;
  const architecture = engineArchitecture(options);
  return await findBinary({ wanted, version, architecture, own, env, sourceFolder, source, home, log, signal });
}

/**
 * The binary of this program for containers of this engine, without asking anybody: of this machine, else one that was downloaded.
 *
 * @throws FlowctlError `unsupported` when there is none.
 */
export async function executable(
  options: Pick<ReadyImageOptions, "info" | "program" | "home">,
): Promise<HashedExecutable> {
  const { program: { version, own, env = process.env, sourceFolder }, home } = options;
  const architecture = engineArchitecture(options), target = targetOf(architecture);
  try {
    return await hashExecutable(findLinuxExecutable({ architecture, own, env, sourceFolder }), home);
  } catch (error) {
    const downloaded = target === undefined ? undefined : await onShelf(home, version, target);
    if (downloaded === undefined) throw error;
    return downloaded;
  }
}
