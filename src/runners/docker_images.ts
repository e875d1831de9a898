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
import { ensureBinaryVolume } from "../images/binary_volume.ts";
import { ensureDefaultImage, labelOf } from "../images/default_image.ts";
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
}

/** See {@link readyImage}. */
export interface ReadyImageOptions {
  docker: Docker;
  info: EngineInfo | undefined;
  program: Program;
  /** False with `--no-pull`. */
  pull: boolean;
  home: string;
  labels: Record<string, string>;
  /** Of the container that carries files into the volume. */
  carrierLabels: Record<string, string>;
  log: Log;
  signal: AbortSignal;
}

/** What the create body needs to know of the image. */
export interface ReadyImage {
  image: string;
  binaryVolume?: string;
  unset: string[];
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
  const own = defaultImage(program.version, program.runtime);
  const image = config.image ?? own;
  if (isDefaultImage(image)) {
    const { tag = "latest" } = parseReference(image);
    if (image === own || tag.startsWith(`${program.version}-`)) {
      await ensureDefaultImage({
        docker,
        name: image,
        executable: await executable(options),
        labels: options.labels,
        log,
      });
    } else if (await labelOf(docker, image) === undefined) {
      // No registry is asked: whoever owns that name there could run what they like here.
      throw new FlowctlError("not_found", `Cannot use image "${image}": it belongs to another version of flowctl`, {
        hint: `Create the deployment again with flowctl ${program.version}, or run an agent of that version once here`,
      });
    }
    return { image, unset: [] };
  }

  const policy = pullPolicy(image, config.image_pull_policy, options.pull);
  const { Architecture, Os, Config } = await ensureImage({ docker, reference: image, policy, log, signal });
  if (config.command !== undefined) return { image, unset: [] };
  const wanted = engineArchitecture(options);
  if (Os !== "linux" || Architecture !== wanted) {
    throw new FlowctlError("unsupported", `Cannot run a flow in image "${image}": it is for ${Os}/${Architecture}`, {
      hint: `Use an image for linux/${wanted}`,
    });
  }
  signal.throwIfAborted();
  const binaryVolume = await ensureBinaryVolume({
    docker,
    version: program.version,
    executable: await executable(options),
    image,
    labels: options.labels,
    carrierLabels: options.carrierLabels,
    log,
  });
  const set = (Config?.Env ?? []).map((pair) => pair.split("=", 1)[0]);
  return { image, binaryVolume, unset: UNSET.filter((name) => set.includes(name)) };
}

/** Whether a name is that of a default image, of whatever version. */
export const isDefaultImage = (image: string): boolean => parseReference(image).name === "flowctl/flowctl";

const engineArchitecture = ({ info }: Pick<ReadyImageOptions, "info">): string =>
  info === undefined ? { x64: "amd64" }[process.arch as string] ?? process.arch : dockerArchitecture(info.Architecture);

/** The binary that goes into containers of this engine. @throws FlowctlError `unsupported` when there is none. */
export async function executable(
  options: Pick<ReadyImageOptions, "info" | "program" | "home">,
): Promise<HashedExecutable> {
  const { program: { own, env = process.env, sourceFolder }, home } = options;
  const path = findLinuxExecutable({ architecture: engineArchitecture(options), own, env, sourceFolder });
  return await hashExecutable(path, home);
}
