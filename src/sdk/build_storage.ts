/**
 * From Docker storage to an image: bundles the flows, gathers what else goes in, and hands it to `images/build`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundleFile } from "../bundles/bundler.ts";
import type { Docker } from "../docker/client.ts";
import { defaultImage } from "../domain/flow_runners.ts";
import { type DockerStorageInfo, imageOf } from "../domain/storage.ts";
import { buildImage, type BuildImageOptions } from "../images/build/build_image.ts";
import { readDockerignore } from "../images/build/context_folder.ts";
import { type GatheredFiles, gatherFiles } from "../images/build/copied_files.ts";
import { hashInputs } from "../images/build/input_hash.ts";
import { pushImage } from "../images/build/push_image.ts";
import { FlowctlError } from "../support/errors.ts";
import { createLog, type Log } from "../support/log.ts";
import { isUuid } from "../support/ids.ts";
import { flowctlHome, inHome } from "../support/paths.ts";
import { isCompiled, runtimeTag } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";
import { type DockerStorageSettings, hashedSettings } from "./docker_storage_options.ts";
import { sourceOf } from "./flow_sources.ts";
import { openEngine } from "./storage_engine.ts";
import { type InstalledTree, installPackageTree } from "./package_tree.ts";
import { printLine } from "./print_line.ts";
import { providedModules } from "./provided_modules.ts";
import type { AnyFlow } from "./registry.ts";
import { loginInSecret } from "./registry_secret.ts";
import { stoppable } from "./stoppable.ts";
import { storageLogins } from "./storage_logins.ts";

/** A flow and where it is to lie in the image. */
export interface FlowToBuild {
  flow: AnyFlow;
  path: string;
}

/** See {@link buildStorage}. */
export interface BuildStorageOptions {
  settings: DockerStorageSettings;
  flows: readonly FlowToBuild[];
  /** Without registry. */
  image: { name: string; tag: string };
  push?: boolean;
  print?: (line: string) => void;
  signal?: AbortSignal;
}

/** What an image is made of, read from this machine. */
interface Inputs {
  files: GatheredFiles;
  /** Bundles and where each goes; the same text at one place stands once. */
  texts: { path: string; text: string }[];
  dockerfile?: string;
  dockerignore?: string;
  hash: string;
}

/** Builds, checks, tags and pushes. @throws {FlowctlError} see `Docker.build()` */
export async function buildStorage(options: BuildStorageOptions): Promise<Omit<DockerStorageInfo, "type" | "path">> {
  const { settings, flows, image, push = true, print = printLine } = options;
  return await stoppable("build Docker storage", options.signal, async (signal) => {
    const log = createLog({ name: "DockerStorage", write: print });
    const registry = settings.registryUrl ?? null;
    if (registry === null) {
      log.warning("No registryUrl is given: the image will not be pushed, and is only on the engine that builds it");
    }
    const inputs = await readInputs(settings, flows);
    for (const warning of inputs.files.warnings) log.warning(warning);
    const names = { registry_url: registry, image_name: image.name };
    const reference = imageOf({ ...names, image_tag: image.tag });
    const byHash = imageOf({ ...names, image_tag: inputs.hash });
    using docker = await openEngine(settings);
    log.info("Building the flow's Docker storage...");
    const id = await build({ ...options, docker, inputs, reference, tags: [reference, byHash], print, log, signal });
    print(`Successfully built ${id.replace(/^sha256:/, "").slice(0, 12)}`);
    print(`Successfully tagged ${reference}`);
    let digest: string | undefined;
    if (registry !== null && push) {
      log.info("Pushing image to the registry...");
      const { env } = process;
      const login = storageLogins(env, signal);
      const secret = settings.registrySecret;
      const credentials = async (asked: string) =>
        secret === undefined ? await login(asked) : loginInSecret(secret, asked, env);
      digest = await pushImage({ docker, reference, credentials, print, signal });
      // The same layers under another name: there is nothing to tell.
      await pushImage({ docker, reference: byHash, credentials, print: () => {}, signal });
    }
    return {
      registry_url: registry,
      image_name: image.name,
      image_tag: image.tag,
      image_id: id,
      digest: digest ?? null,
    };
  });
}

interface BuildStep extends BuildStorageOptions {
  docker: Docker;
  inputs: Inputs;
  reference: string;
  tags: string[];
  print: (line: string) => void;
  log: Log;
  signal: AbortSignal;
}

async function build(
  { settings, flows, docker, inputs, reference, tags, print, log, signal }: BuildStep,
): Promise<string> {
  const { env } = process;
  const wanted = settings.flowctlVersion ?? VERSION;
  const home = flowctlHome(env);
  const labels = labelsOf(home);
  const directory = settings.flowctlDirectory;
  const packages = settings.npmDependencies;
  let tree: InstalledTree | undefined;
  const install: BuildImageOptions["packages"] = packages.length === 0
    ? undefined
    : async (target) => tree = await installPackageTree({ packages, target, directory, env, print, signal });
  try {
    return await buildImage({
      docker,
      program: { wanted, version: VERSION, env, home, labels, login: storageLogins(env, signal), ...ownProgram() },
      name: reference,
      tags,
      from: inputs.dockerfile === undefined
        ? { image: settings.baseImage ?? defaultImage(wanted, runtimeTag) }
        : { dockerfile: inputs.dockerfile },
      dockerignore: inputs.dockerignore,
      mayPull: !settings.localImage,
      env: settings.envVars,
      python: settings.pythonDependencies,
      directory,
      packages: install,
      texts: inputs.texts,
      files: inputs.files,
      extra: settings.extraDockerfileCommands,
      labels: { "dev.flowctl.content-hash": inputs.hash },
      // As what `doctor` starts: an agent of this home takes away what was left.
      checkLabels: { ...labels, "dev.flowctl.probe": "build" },
      engineOptions: settings.buildOptions,
      questions: settings.ignoreHealthchecks ? undefined : {
        version: wanted,
        runtime: runtimeTag,
        flows: Object.fromEntries(flows.map(({ flow, path }) => [flow.name, path])),
        packages: packages.map(({ name }) => name),
        folder: directory,
      },
      print,
      log,
      signal,
    });
  } finally {
    tree?.remove();
  }
}

/** By which an agent of this home knows what is its own; nothing when there never was one. */
function labelsOf(home: string): Record<string, string> {
  try {
    const { installation } = JSON.parse(readFileSync(inHome(home, "agent.json"), "utf8"));
    return isUuid(String(installation)) ? { "dev.flowctl.installation": installation } : {};
  } catch {
    return {};
  }
}

/** This program, for images. */
function ownProgram(): { own?: string; sourceFolder?: string } {
  if (isCompiled) return { own: process.execPath };
  return { sourceFolder: fileURLToPath(new URL("../..", import.meta.url)) };
}

/** See `Docker.contentHash()`. */
export async function contentHashOf(settings: DockerStorageSettings, flows: readonly FlowToBuild[]): Promise<string> {
  return (await readInputs(settings, flows)).hash;
}

async function readInputs(settings: DockerStorageSettings, flows: readonly FlowToBuild[]): Promise<Inputs> {
  const { storedAsScript, npmDependencies, envVars } = settings;
  // Where the flow's file lies; a script that the image has may be known by name only.
  const folder = flows.length === 0 ? process.cwd() : dirname(sourceOf(flows[0].flow));
  const dockerfile = settings.dockerfile === undefined ? undefined : resolve(folder, settings.dockerfile);
  const dockerignore = settings.dockerignore === undefined ? undefined : resolve(folder, settings.dockerignore);
  const ignore = dockerignore === undefined ? undefined : (await readDockerignore(folder, dockerignore)).ignore;
  const taken = new Map(flows.map(({ flow, path }) => [path, `flow "${flow.name}"`]));
  const files = await gatherFiles({ files: settings.files, folder, ignore, taken });
  const texts: Inputs["texts"] = [];
  if (!storedAsScript) {
    const external = npmDependencies.map(({ name }) => name);
    const provided = providedModules(files, envVars.NODE_PATH, process.env.NODE_PATH);
    const bundles = new Map<string, string>();
    for (const { flow, path } of flows) {
      const source = sourceOf(flow);
      if (!bundles.has(source)) bundles.set(source, (await bundleFile(source, { external, provided })).text);
      const text = bundles.get(source)!;
      const same = texts.find((one) => one.path === path);
      if (same === undefined) texts.push({ path, text });
      else if (same.text !== text) throw differentCode(path);
    }
  }
  const options = hashedSettings(settings);
  const program = { version: settings.flowctlVersion ?? VERSION, runtime: runtimeTag };
  const names = flows.map(({ flow, path }) => [flow.name, path]);
  const hash = await hashInputs({ facts: { options, program, names }, texts, files, dockerfile, dockerignore });
  return { files, texts, dockerfile, dockerignore, hash };
}

const differentCode = (path: string): FlowctlError =>
  new FlowctlError("conflict", `Cannot build Docker storage: two files with different flows would go to "${path}"`, {
    hint: "Leave path out, or define the flows in one file",
  });
