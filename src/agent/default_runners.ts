/**
 * The runners of an agent as the commands start it: Docker and subprocess, with this very program.
 *
 * @module
 */

import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openDocker } from "../docker/client.ts";
import { ALLOW_OPTIONS, type AllowOption } from "../runners/docker_policy.ts";
import { createDockerRunner } from "../runners/docker_runner.ts";
import type { Runner } from "../runners/runner.ts";
import { createSubprocessRunner } from "../runners/subprocess_runner.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";
import { isCompiled, runtimeTag, selfCommand } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";

/** See {@link defaultRunners}. */
export interface DefaultRunnersOptions {
  env: Environment;
  /** Address of the Docker Engine; default: `DOCKER_HOST`, the docker context, the local one. */
  baseUrl?: string;
  /** False for `--no-pull`. */
  pull?: boolean;
  /** What `--allow` named. */
  allow?: readonly string[];
}

/**
 * Makes the runners. Nothing is connected to yet.
 *
 * @throws FlowctlError `invalid` for an unknown `--allow` and for an engine's address that makes no sense.
 */
export async function defaultRunners(options: DefaultRunnersOptions): Promise<Runner[]> {
  const { env, baseUrl, pull, allow = [] } = options;
  const mainModule = fileURLToPath(new URL("../../main.ts", import.meta.url));
  const program = {
    version: VERSION,
    runtime: runtimeTag,
    env,
    ...isCompiled ? { own: process.execPath } : { sourceFolder: dirname(mainModule) },
  };
  const docker = await openDocker({ baseUrl, env });
  return [
    createDockerRunner({ docker, program, pull, allow: allow.map(allowOption) }),
    createSubprocessRunner({ command: [...selfCommand(mainModule), "flow-run", "execute"], env }),
  ];
}

function allowOption(name: string): AllowOption {
  const found = ALLOW_OPTIONS.find((one) => one === name);
  if (found !== undefined) return found;
  throw new FlowctlError("invalid", `Cannot allow "${name}": there is no such option`, {
    hint: `Options are: ${ALLOW_OPTIONS.join(", ")}`,
  });
}
