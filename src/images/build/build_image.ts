/**
 * Makes an image: the base, then what is to be added, then the checks, then its names. It knows neither flows nor projects.
 *
 * A Dockerfile of the user is built first, with its own folder as the whole context, as `docker build` would; what flowctl adds is built
 * upon its result, so that nothing of either gets into the other's context.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { basename, dirname, posix } from "node:path";
import type { Docker } from "../../docker/client.ts";
import type { BuildOptions } from "../../docker/images.ts";
import { type TarEntry, tarOf } from "../../docker/tar.ts";
import type { AuthConfig, EngineInfo, ImageInspectInfo } from "../../docker/types.ts";
import { FlowctlError, messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import { binaryVolumeEntries } from "../binary_volume.ts";
import { findLibraries } from "../libraries.ts";
import { registryOf } from "../credentials.ts";
import { BINARY_LABEL, PATH_LABEL, VERSION_LABEL } from "../default_image.ts";
import { dockerArchitecture } from "../linux_executable.ts";
import { binaryFor, type BuildProgram, flowctlIn, PUT_IN_FOLDER, readyBase } from "./base_image.ts";
import { removeMade, runBuild } from "./build_stream.ts";
import { checkImage, type ImageQuestions } from "./check_image.ts";
import { cannotRead, readDockerignore, tarEntryOf, walkFolder } from "./context_folder.ts";
import type { GatheredFiles } from "./copied_files.ts";
import { buildArgsOf, type DockerfileParts, dockerfileText, imagesOf, shellWord } from "./dockerfile_text.ts";

/** A folder of this machine with packages in it, and what is still to be done to them in the image. */
export interface PackageTree {
  folder: string;
  /** Commands for `/bin/sh` in the image, in their order. */
  commands: string[];
  /** Exact versions by name. */
  versions: Record<string, string>;
}

/** See {@link buildImage}. */
export interface BuildImageOptions {
  docker: Docker;
  program: BuildProgram;
  /** For messages. */
  name: string;
  /** Whole names, given when all is well. */
  tags: readonly string[];
  from: { image: string } | { dockerfile: string };
  /** Read as the `.dockerignore` of the Dockerfile's folder. */
  dockerignore?: string;
  mayPull: boolean;
  env: Record<string, string>;
  python: readonly string[];
  /** Where packages and texts lie in the image. */
  directory: string;
  /** Installs packages for an engine, into a folder of this machine. */
  packages?: (target: { os: string; architecture: string }) => Promise<PackageTree>;
  texts: readonly { path: string; text: string }[];
  files: GatheredFiles;
  extra: readonly string[];
  labels: Record<string, string>;
  /** Of containers for checks. */
  checkLabels: Record<string, string>;
  engineOptions: BuildOptions;
  /** What the image is asked when it is built; nothing without it. */
  questions?: Omit<ImageQuestions, "files">;
  print: (line: string) => void;
  log: Log;
  signal: AbortSignal;
}

/**
 * Builds, checks and names an image.
 *
 * @returns Its id.
 * @throws {FlowctlError} `user_code` for a step or a check that failed; then nothing is left in the engine
 */
export async function buildImage(options: BuildImageOptions): Promise<string> {
  try {
    return await buildOnce(options);
  } catch (error) {
    // Somebody removed an image, that a step was to be built upon, out of the engine's cache meanwhile; it builds that one anew.
    if (options.signal.aborted || !/unknown parent image ID/i.test(messageOf(error))) throw error;
    options.print("A cached image was removed meanwhile: building again");
    return await buildOnce(options);
  }
}

async function buildOnce(options: BuildImageOptions): Promise<string> {
  const { docker, name, tags, files, print, signal, questions } = options;
  const info = await docker.info({ signal });
  const work: Work = { made: [], names: [] };
  try {
    const base = await baseOf(options, info, work);
    const { wanted } = options.program;
    const own = flowctlIn(base, wanted);
    const { parts, entries } = await partsOf(options, info, base, own);
    const dockerfile = dockerfileText(parts);
    const context = tarOf(contextOf(dockerfile, entries));
    // Those were for the user's own Dockerfile.
    const { target: _target, buildargs: _args, ...given } = options.engineOptions;
    const rest = { ...given, buildargs: buildArgsOf(options.env) };
    const built = await runBuild({ docker, context, name, options: { ...rest, t: nextName(work) }, print, signal });
    work.made.push(...built.made);
    if (questions !== undefined) {
      await checkImage({
        docker,
        id: built.id,
        name,
        flowctl: own ?? `${PUT_IN_FOLDER}/flowctl`,
        questions: { ...questions, files: files.expected },
        labels: options.checkLabels,
        print,
        signal,
      });
    }
    signal.throwIfAborted();
    const image = docker.getImage(built.id);
    const { Id } = await image.inspect({ signal });
    for (const whole of tags) {
      const colon = whole.lastIndexOf(":");
      await image.tag({ repo: whole.slice(0, colon), tag: whole.slice(colon + 1), signal });
    }
    await removeNames(docker, work);
    return Id;
  } catch (error) {
    await removeNames(docker, work);
    await removeMade(docker, work.made);
    throw error;
  }
}

/** What a build has in the engine while it is not done. */
interface Work {
  made: string[];
  /** Names that keep somebody's `docker image prune` from what is half done. */
  names: string[];
}

function nextName({ names }: Work): string {
  const name = `flowctl-build/${crypto.randomUUID()}:1`;
  names.push(name);
  return name;
}

/** Takes the names away, and with each the image that has no other name. */
async function removeNames(docker: Docker, { names }: Work): Promise<void> {
  for (const name of names.toReversed()) await docker.getImage(name).remove({ noprune: true }).catch(() => {});
}

/** The image that is built upon; a Dockerfile's is built. */
async function baseOf(options: BuildImageOptions, info: EngineInfo, work: Work): Promise<ImageInspectInfo> {
  const { docker, from, program, mayPull, log, signal, print, name, engineOptions } = options;
  const ready = (reference: string) => readyBase(reference, { docker, info, program, mayPull, log, signal });
  if ("image" in from) return await ready(from.image);
  const { text, image } = await readDockerfile(from.dockerfile);
  for (const reference of imagesOf(text, engineOptions.buildargs)) await ready(reference);
  const folder = dirname(from.dockerfile);
  const read = await readDockerignore(folder, options.dockerignore);
  // As docker does: both are sent in any case, and the engine leaves out what is not to be seen.
  const ignore = read.ignore.keeping(".dockerignore").keeping(image);
  const entries = async function* (): AsyncGenerator<TarEntry> {
    const replaced = options.dockerignore === undefined ? undefined : read.text;
    for await (const entry of walkFolder(folder, ignore)) {
      if (replaced === undefined || entry.path !== ".dockerignore") yield tarEntryOf(entry);
    }
    if (replaced !== undefined) yield { path: ".dockerignore", content: replaced };
  };
  const built = await runBuild({
    docker,
    context: tarOf(entries()),
    name,
    options: {
      ...engineOptions,
      labels: undefined,
      t: nextName(work),
      dockerfile: image,
      registryconfig: await loginsOf(text, options),
    },
    print,
    signal,
  });
  work.made.push(...built.made);
  return await docker.getImage(built.id).inspect({ signal });
}

async function readDockerfile(path: string): Promise<{ text: string; image: string }> {
  try {
    return { text: await readFile(path, "utf8"), image: basename(path) };
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/** Who pulls what the engine itself has to pull. A login that can't be had is no reason to fail: most images need none. */
async function loginsOf(text: string, { program }: BuildImageOptions): Promise<Record<string, AuthConfig>> {
  const logins: Record<string, AuthConfig> = {};
  const copied = [...text.matchAll(/^\s*COPY\s+(?:--\S+\s+)*--from=(\S+)/gim)].map(([, image]) => image);
  for (const registry of new Set(copied.map(registryOf))) {
    const found = await program.login(registry).catch(() => undefined);
    if (found === undefined) continue;
    const { from: _from, ...auth } = found;
    logins[registry] = auth;
  }
  return logins;
}

/** Everything that is added, what seldom changes first, so that the engine need not do it again. */
async function partsOf(
  options: BuildImageOptions,
  info: EngineInfo,
  base: ImageInspectInfo,
  own: string | undefined,
): Promise<{ parts: DockerfileParts; entries: TarEntry[] }> {
  const { program, directory, texts, files, signal, print } = options;
  const steps: DockerfileParts["steps"][number][] = [];
  const entries: TarEntry[] = [];
  const labels: Record<string, string> = { ...options.labels };
  const architecture = dockerArchitecture(info.Architecture);
  if (base.Os !== "linux" || base.Architecture !== architecture) {
    const system = `${base.Os}/${base.Architecture}`;
    throw new FlowctlError("unsupported", `Cannot build upon image "${nameOf(options)}": it is for ${system}`, {
      hint: `Use an image for linux/${architecture}, as the engine is`,
    });
  }
  if (own === undefined) {
    const binary = await binaryFor(program.wanted, { info, program, signal });
    print(`Putting flowctl ${binary.version} into the image`);
    const libraries = await findLibraries(binary.path, binary.libraries);
    entries.push(
      ...binaryVolumeEntries(binary.path, libraries).map((entry) => ({ ...entry, path: `flowctl/${entry.path}` })),
    );
    steps.push({ copy: { from: "flowctl", to: PUT_IN_FOLDER, isFolder: true } });
    labels[VERSION_LABEL] = binary.version;
    labels[PATH_LABEL] = `${PUT_IN_FOLDER}/flowctl`;
    labels[BINARY_LABEL] = binary.sha256;
  }
  if (options.python.length > 0) {
    steps.push({ run: `pip install ${options.python.map((one) => shellWord(one)).join(" ")}` });
  }
  if (options.packages !== undefined) {
    const tree = await options.packages({ os: base.Os, architecture: base.Architecture });
    for await (const entry of walkFolder(tree.folder)) {
      entries.push(tarEntryOf({ ...entry, stats: plain(entry.stats) }, "npm/"));
    }
    steps.push({ copy: { from: "npm", to: directory, isFolder: true } });
    steps.push(...tree.commands.map((run) => ({ run })));
    labels["dev.flowctl.npm-dependencies"] = JSON.stringify(tree.versions);
  }
  entries.push(...files.entries);
  steps.push(...files.copies.map((copy) => ({ copy })));
  for (const [n, { path, text }] of texts.entries()) {
    entries.push({ path: `flows/${n}`, content: text });
    steps.push({ copy: { from: `flows/${n}`, to: posix.normalize(path), isFolder: false } });
  }
  // What was looked at, also when its name is given to another one meanwhile. A name reads better where that does no harm.
  const from = "image" in options.from && own === undefined ? options.from.image : base.Id;
  return { parts: { base: from, env: options.env, steps, labels, extra: options.extra }, entries };
}

const nameOf = ({ from }: BuildImageOptions): string => "image" in from ? from.image : from.dockerfile;

/** When something was installed says nothing, and the engine would not know the step again. */
function plain<T extends { mode: number; mtime: Date }>(stats: T): T {
  // Whoever the image runs as must be able to read them.
  return Object.assign(Object.create(Object.getPrototypeOf(stats)), stats, {
    mode: stats.mode | 0o444 | ((stats.mode & 0o100) === 0 ? 0 : 0o111),
    mtime: new Date(0),
  });
}

function* contextOf(dockerfile: string, entries: readonly TarEntry[]): Generator<TarEntry> {
  yield { path: "Dockerfile", content: dockerfile };
  yield* entries;
}
