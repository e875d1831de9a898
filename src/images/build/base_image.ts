/**
 * The image that is built upon, made ready: the default one imported, a missing one pulled, and whether it has flowctl.
 *
 * @module
 */

import type { Docker } from "../../docker/client.ts";
import { parseReference } from "../../docker/images.ts";
import type { EngineInfo, ImageInspectInfo } from "../../docker/types.ts";
import { FlowctlError, isFlowctlError } from "../../support/errors.ts";
import { type Log, silentLog } from "../../support/log.ts";
import type { Environment } from "../../support/paths.ts";
import { shelfPath, targetOf } from "../binaries.ts";
import { BINARY_FOLDER } from "../binary_volume.ts";
import type { FoundLogin } from "../credentials.ts";
import {
  BINARY_LABEL,
  ensureDefaultImage,
  labelOf,
  PATH_LABEL,
  VERSION_LABEL,
  versionOfTag,
} from "../default_image.ts";
import { findBinary, type FoundBinary } from "../find_binary.ts";
import { dockerArchitecture } from "../linux_executable.ts";
import { ensureImage } from "../pull.ts";

/** The program that goes into images. */
export interface BuildProgram {
  /** The version that is wanted in the image. */
  wanted: string;
  /** The version of this program. */
  version: string;
  own?: string;
  env: Environment;
  sourceFolder?: string;
  home: string;
  /** Who pulls. */
  login: (registry: string) => Promise<FoundLogin | undefined>;
  /** Labels of a default image that has to be imported. */
  labels: Record<string, string>;
}

/** See {@link readyBase}. */
export interface BaseOptions {
  docker: Docker;
  info: EngineInfo;
  program: BuildProgram;
  /** Whether a missing image may be pulled. */
  mayPull: boolean;
  log: Log;
  signal: AbortSignal;
}

/**
 * Sees to an image that is named: the default one of some version is imported, any other one is taken as the engine has it, and
 * pulled when it has none.
 *
 * @throws {FlowctlError} `not_found` when it is not there and may not or can't be pulled
 */
export async function readyBase(reference: string, options: BaseOptions): Promise<ImageInspectInfo> {
  const { docker, program, mayPull, log, signal } = options;
  const { name, tag } = parseReference(reference);
  if (name === "flowctl/flowctl") {
    const version = versionOfTag(tag);
    if (version === undefined) {
      throw new FlowctlError("not_found", `Cannot build upon image "${reference}": no version of flowctl makes it`);
    }
    if (version === program.version || await labelOf(docker, reference) === undefined) {
      const executable = await binaryFor(version, options);
      const { sha256, libraries } = executable;
      // Another build of this version may give the name to its own meanwhile.
      for (let n = 0; n < 5; n++) {
        await ensureDefaultImage({ docker, name: reference, executable, libraries, labels: program.labels, log });
        const image = await docker.getImage(reference).inspect({ signal });
        if (image.Config?.Labels?.[BINARY_LABEL] === sha256) return image;
      }
    }
    return await docker.getImage(reference).inspect({ signal });
  }
  try {
    return await ensureImage({
      docker,
      reference,
      policy: mayPull ? "IfNotPresent" : "Never",
      credentials: program.login,
      log,
      signal,
    });
  } catch (error) {
    if (mayPull || !isFlowctlError(error, "not_found")) throw error;
    throw new FlowctlError("not_found", `Cannot build upon image "${reference}": the engine does not have it`, {
      hint: "Build or pull it there, or leave localImage out",
      cause: error,
    });
  }
}

/** Where an image has flowctl of the wanted version; undefined when it has none. */
export function flowctlIn({ Config }: ImageInspectInfo, wanted: string): string | undefined {
  const labels = Config?.Labels ?? {};
  return labels[VERSION_LABEL] === wanted ? labels[PATH_LABEL] ?? "/flowctl" : undefined;
}

/** Where a build puts flowctl into an image that lacks it: binary, loader and libraries. */
export const PUT_IN_FOLDER = BINARY_FOLDER;

/** The binary of a version for the engine; a compatible one will not do. @throws {FlowctlError} `unsupported` */
export async function binaryFor(
  wanted: string,
  { info, program, signal }: Pick<BaseOptions, "info" | "program" | "signal">,
): Promise<FoundBinary> {
  const { version, own, env, sourceFolder, home } = program;
  const architecture = dockerArchitecture(info.Architecture);
  let cause: unknown;
  try {
    const found = await findBinary({
      wanted,
      version,
      architecture,
      own,
      env,
      sourceFolder,
      home,
      log: silentLog,
      signal,
    });
    if (found.version === wanted) return found;
  } catch (error) {
    // What is said of this very version says it all.
    if (wanted === version || !isFlowctlError(error, "unsupported")) throw error;
    cause = error;
  }
  throw new FlowctlError(
    "unsupported",
    `Cannot put flowctl ${wanted} into an image: no binary of that version can be had`,
    {
      hint: `Leave flowctlVersion out, or put that binary at "${
        shelfPath(home, wanted, targetOf(architecture) ?? architecture)
      }"`,
      cause,
    },
  );
}
