/**
 * The runner *specification* of a deployment: where its runs are started, and with what.
 *
 * The shape `{ type, config }` is that of Prefect 2.0a7's `flow_runner`. Unknown config keys are an error: a misspelt option
 * must not be dropped silently.
 *
 * @module
 */

import { z } from "zod";
import { defaulted, JsonObject, optional } from "./common.ts";
import { SecretReference } from "./secrets.ts";

/** Values are texts or secrets, `{ "secret": "NAME" }`. */
const Env = z.record(
  z.string().regex(/^[^=\0]+$/),
  z.union([z.string(), SecretReference], { error: "expected a text, or a secret's name as { secret: NAME }" }),
);

/** When an image is pulled; see Prefect 2.20: no tag or `latest` → Always, else IfNotPresent. */
export const ImagePullPolicy = z.enum(["Always", "IfNotPresent", "Never"]);
/** See {@link ImagePullPolicy}. */
export type ImagePullPolicy = z.infer<typeof ImagePullPolicy>;

/** Options of `new DockerFlowRunner({…})`, in the wire's names. */
export const DockerRunnerConfig = z.strictObject({
  /** Image to run. Absent: the default image of the version that made the deployment. */
  image: optional(z.string().min(1)),
  env: defaulted(Env, () => ({})),
  networks: defaulted(z.array(z.string().min(1)), () => []),
  network_mode: optional(z.string().min(1)),
  labels: defaulted(z.record(z.string(), z.string()), () => ({})),
  volumes: defaulted(
    z.array(z.string().regex(/:/, "Invalid volume specification. Expected format 'path:container_path'")),
    () => [],
  ),
  /** Remove the container as soon as it ended and was read. */
  auto_remove: defaulted(z.boolean(), () => false),
  image_pull_policy: optional(ImagePullPolicy),
  /** Print the run's lines in the agent's terminal. */
  stream_output: defaulted(z.boolean(), () => true),
  /** Memory limit in bytes, or as text such as `512m`. */
  memory: optional(z.union([z.int().positive(), z.string().regex(/^\d+(\.\d+)?\s*[bkmgBKMG]?[bB]?$/)])),
  /** CPUs, e.g. 1.5. */
  cpus: optional(z.number().positive()),
  privileged: defaulted(z.boolean(), () => false),
  /** Runs this instead of the flow; the run follows its exit code. */
  command: optional(z.array(z.string()).min(1)),
  /** Anything of the engine's create body, merged last. */
  create_options: optional(JsonObject),
});
/** See {@link DockerRunnerConfig}. */
export type DockerRunnerConfig = z.output<typeof DockerRunnerConfig>;

/** Options of `new SubprocessFlowRunner({…})`. */
export const SubprocessRunnerConfig = z.strictObject({
  env: defaulted(Env, () => ({})),
  /** Working directory; default: a temporary folder of the run. */
  cwd: optional(z.string().min(1)),
});
/** See {@link SubprocessRunnerConfig}. */
export type SubprocessRunnerConfig = z.output<typeof SubprocessRunnerConfig>;

/** A runner specification. */
export const FlowRunnerSpec = z.discriminatedUnion("type", [
  z.object({ type: z.literal("docker"), config: defaulted(DockerRunnerConfig, () => DockerRunnerConfig.parse({})) }),
  z.object({
    type: z.literal("subprocess"),
    config: defaulted(SubprocessRunnerConfig, () => SubprocessRunnerConfig.parse({})),
  }),
]);
/** See {@link FlowRunnerSpec}. */
export type FlowRunnerSpec = z.output<typeof FlowRunnerSpec>;
/** A runner specification before its defaults are filled in. */
export type FlowRunnerSpecInput = z.input<typeof FlowRunnerSpec>;

/** The default image of a version: `flowctl/flowctl:0.1.0-bun1.4`. */
export const defaultImage = (version: string, runtime: string): string => `flowctl/flowctl:${version}-${runtime}`;
