/**
 * The runners of an agent as the commands start it: Docker and subprocess, with this very program.
 *
 * @module
 */

import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Docker } from "../docker/client.ts";
import type { BinarySource } from "../images/find_binary.ts";
import { ALLOW_OPTIONS, type AllowOption } from "../runners/docker_policy.ts";
import { createDockerRunner, type DockerRunnerOptions } from "../runners/docker_runner.ts";
import type { Runner } from "../runners/runner.ts";
import { createSubprocessRunner } from "../runners/subprocess_runner.ts";
import { FlowctlError } from "../support/errors.ts";
import type { Environment } from "../support/paths.ts";
import { isCompiled, runtimeTag, selfCommand } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";

/** See {@link defaultRunners}. */
export interface DefaultRunnersOptions extends Omit<DockerRunnerOptions, "docker" | "program" | "allow" | "env"> {
  docker: Docker;
  /** The agent's own environment. */
  env: Environment;
  /** What `--allow` named. */
  allow?: readonly string[];
  /** What `--env` named: variables of every flow. */
  flowEnv?: Readonly<Record<string, string>>;
  /** Where binaries of other versions and systems come from. */
  source?: BinarySource;
}

/**
 * Makes the runners. Nothing is connected to yet.
 *
 * @throws FlowctlError `invalid` for an unknown `--allow`.
 */
export function defaultRunners({ env, allow = [], flowEnv, source, ...options }: DefaultRunnersOptions): Runner[] {
  // Only used from source; in the binary the program is its executable.
  const mainModule = isCompiled ? process.execPath : fileURLToPath(new URL("../../main.ts", import.meta.url));
  const program = {
    version: VERSION,
    runtime: runtimeTag,
    env,
    source,
    ...isCompiled ? { own: process.execPath } : { sourceFolder: dirname(mainModule) },
  };
  return [
    createDockerRunner({ ...options, program, allow: allow.map(allowOption), env: flowEnv }),
    createSubprocessRunner({ command: [...selfCommand(mainModule), "flow-run", "execute"], env, flowEnv }),
  ];
}

function allowOption(name: string): AllowOption {
  const found = ALLOW_OPTIONS.find((one) => one === name);
  if (found !== undefined) return found;
  throw new FlowctlError("invalid", `Cannot allow "${name}": there is no such option`, {
    hint: `Options are: ${ALLOW_OPTIONS.join(", ")}`,
  });
}
