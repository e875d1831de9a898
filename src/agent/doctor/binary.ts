/**
 * Is there a flowctl for the engine's containers: of their system, for their processor?
 *
 * @module
 */

import type { EngineInfo } from "../../docker/types.ts";
import { type Program, programBinary } from "../../runners/docker_images.ts";
import type { Log } from "../../support/log.ts";
import { type Check, failWith, ok } from "./check.ts";

/** See {@link checkBinary}. */
export interface BinaryOptions {
  info: EngineInfo;
  program: Program;
  home: string;
  log: Log;
  signal: AbortSignal;
}

/** See the module's comment. */
export async function checkBinary(options: BinaryOptions): Promise<Check> {
  try {
    const { path, version } = await programBinary(options);
    const { OSType, Architecture } = options.info;
    return ok("binary", `Containers of ${OSType}/${Architecture} get flowctl ${version} from "${path}"`);
  } catch (error) {
    return failWith("binary", error, "Set FLOWCTL_LINUX_BINARY to a flowctl for the engine's system");
  }
}
