/**
 * The options of Docker storage: what they are, and what of them is refused before anything is done.
 *
 * @module
 */

import { posix } from "node:path";
import type { BuildOptions } from "../docker/images.ts";
import type { JsonValue } from "../domain/common.ts";
import { type NpmPackage, parseNpmPackages } from "../domain/npm_packages.ts";
import { FlowctlError } from "../support/errors.ts";
import { checkOptions } from "./options.ts";

/** Options of Docker storage. */
export interface DockerStorageOptions {
  /** The registry that the image is pushed to, e.g. `gcr.io/dev/`. Without one it stays on the engine that built it. */
  registryUrl?: string;
  /** Name of the secret with the registry's login. Default: the login of the docker configuration. */
  registrySecret?: string;
  /** The image that is built upon. Default: flowctl's own of this version, which has no shell. Not together with `dockerfile`. */
  baseImage?: string;
  /** Path of a Dockerfile whose image is built upon; its folder is the build context. A relative one is found from the flow's file. */
  dockerfile?: string;
  /** Path of a file that is read as the context's `.dockerignore`; it holds for what `files` copies, too. */
  dockerignore?: string;
  /** npm packages with a version or range each if need be: `["left-pad", "is-odd@3"]`. They stay out of the bundle. */
  npmDependencies?: string[];
  /** Python packages for flows that call Python: installed with the image's own pip. */
  pythonDependencies?: string[];
  /** Name of the image. Default: made of the flow's name, as `docker-1-flow`; random for none or several flows. */
  imageName?: string;
  /** Default: the time of the build, as `2021-11-18t22-30-09-072770-00-00`. */
  imageTag?: string;
  /** Environment variables of the image. */
  envVars?: Record<string, string>;
  /** Files and folders to copy: from (relative ones are found from the flow's file) → to. */
  files?: Record<string, string>;
  /** The version of flowctl in the image. Default: this one. */
  flowctlVersion?: string;
  /** Never pull the image that is built upon. Default false: one that the engine has is used, a missing one is pulled. */
  localImage?: boolean;
  /** Build without running the image to check it. Default false. */
  ignoreHealthchecks?: boolean;
  /** Address of the Docker Engine. Default: `DOCKER_HOST`, the docker context, the local socket. */
  baseUrl?: string;
  /** How to trust a `tcp://` engine: true for the certificates in `DOCKER_CERT_PATH`, false for none, or files. */
  tls?: boolean | DockerTlsFiles;
  /** Handed to the engine's build: `buildargs`, `labels`, `target`, `nocache`, `networkmode`, `extrahosts`, `platform`. */
  buildOptions?: DockerBuildOptions;
  /** Where flows and their packages lie in the image. Default `/opt/flowctl`. */
  flowctlDirectory?: string;
  /** Where the flow lies in the image. Must be said with `storedAsScript`. */
  path?: string;
  /** The flow is a file that the image has already: nothing of it is copied. Default false. */
  storedAsScript?: boolean;
  /** Lines of a Dockerfile that come last. */
  extraDockerfileCommands?: string[];
}

/** Paths of PEM files. */
export interface DockerTlsFiles {
  /** Who is trusted. */
  ca?: string;
  /** Who asks, with `key`. */
  cert?: string;
  /** See `cert`. */
  key?: string;
  /** False to trust anybody. */
  verify?: boolean;
}

/** What of the engine's own build options may be said. */
export type DockerBuildOptions = Pick<
  BuildOptions,
  "buildargs" | "labels" | "target" | "nocache" | "networkmode" | "extrahosts" | "platform"
>;

const OPTIONS = [
  "registryUrl",
  "registrySecret",
  "baseImage",
  "dockerfile",
  "dockerignore",
  "npmDependencies",
  "pythonDependencies",
  "imageName",
  "imageTag",
  "envVars",
  "files",
  "flowctlVersion",
  "localImage",
  "ignoreHealthchecks",
  "baseUrl",
  "tls",
  "buildOptions",
  "flowctlDirectory",
  "path",
  "storedAsScript",
  "extraDockerfileCommands",
];
const BUILD_OPTIONS = ["buildargs", "labels", "target", "nocache", "networkmode", "extrahosts", "platform"];
const TEXTS = [
  "registryUrl",
  "registrySecret",
  "baseImage",
  "dockerfile",
  "dockerignore",
  "imageName",
  "imageTag",
  "flowctlVersion",
  "baseUrl",
  "flowctlDirectory",
  "path",
] as const;
const LISTS = ["npmDependencies", "pythonDependencies", "extraDockerfileCommands"] as const;
const FLAGS = ["localImage", "ignoreHealthchecks", "storedAsScript"] as const;
const MAPS = ["envVars", "files"] as const;

/** What options mean, defaults filled in. */
export interface DockerStorageSettings extends Omit<DockerStorageOptions, "npmDependencies"> {
  /** Normalised; undefined without one. */
  registryUrl?: string;
  npmDependencies: NpmPackage[];
  pythonDependencies: string[];
  envVars: Record<string, string>;
  files: Record<string, string>;
  flowctlDirectory: string;
  extraDockerfileCommands: string[];
  buildOptions: DockerBuildOptions;
}

const WHAT = "Docker storage";

/** Reads options. @throws {FlowctlError} `invalid` for what nobody could build */
export function readStorageOptions(options: DockerStorageOptions): DockerStorageSettings {
  checkOptions(WHAT, options, OPTIONS);
  const refuse = (why: string, hint?: string): never => {
    throw new FlowctlError("invalid", `Cannot make ${WHAT}: ${why}`, { hint });
  };
  const shape = (names: readonly (keyof DockerStorageOptions)[], what: string, fits: (value: unknown) => boolean) => {
    for (const name of names) {
      if (options[name] !== undefined && !fits(options[name])) refuse(`${name} is not ${what}`);
    }
  };
  shape(TEXTS, "a text", (value) => typeof value === "string" && value !== "");
  shape(LISTS, "a list of texts", (value) => Array.isArray(value) && value.every((one) => typeof one === "string"));
  shape(FLAGS, "true or false", (value) => typeof value === "boolean");
  shape(
    MAPS,
    "an object of texts",
    (value) => isObject(value) && Object.values(value).every((v) => typeof v === "string"),
  );
  shape(["buildOptions"], "an object", isObject);
  shape(["tls"], "true, false or paths of files", (value) => typeof value === "boolean" || isObject(value));
  checkOptions(`${WHAT}'s buildOptions`, options.buildOptions ?? {}, BUILD_OPTIONS);
  if (typeof options.tls === "object") checkOptions(`${WHAT}'s tls`, options.tls, ["ca", "cert", "key", "verify"]);
  const { baseImage, dockerfile, imageName, imageTag, envVars = {}, path, flowctlDirectory = "/opt/flowctl" } = options;
  if (baseImage !== undefined && dockerfile !== undefined) {
    refuse("it has a baseImage and a dockerfile", "Say one: what a Dockerfile builds upon stands in its FROM line");
  }
  if (options.storedAsScript && path === undefined) {
    refuse("storedAsScript needs path", 'Say where the flow\'s file lies in the image: path: "/app/flow.ts"');
  }
  for (const [name, value] of Object.entries({ flowctlDirectory, path })) {
    if (value !== undefined && (!posix.isAbsolute(value) || CONTROL.test(value))) {
      refuse(`${name} is "${value}", not an absolute path`);
    }
  }
  for (const [from, to] of Object.entries(options.files ?? {})) {
    if (!posix.isAbsolute(to) || CONTROL.test(to)) {
      refuse(`files puts "${from}" at "${to}", which is not an absolute path of the image`);
    }
  }
  for (const name of Object.keys(envVars)) {
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) refuse(`envVars has "${name}", which is no name of a variable`);
    if (envVars[name].includes("\0")) refuse(`the value of "${name}" in envVars has a NUL, which no variable can have`);
  }
  if (imageName !== undefined && !IMAGE_NAME.test(imageName)) refuse(`imageName is "${imageName}"`, NAME_HINT);
  if (imageTag !== undefined && !IMAGE_TAG.test(imageTag)) refuse(`imageTag is "${imageTag}"`, TAG_HINT);
  const registryUrl = options.registryUrl === undefined ? undefined : normalizeRegistry(options.registryUrl);
  return {
    ...options,
    registryUrl,
    npmDependencies: npmPackages(options.npmDependencies ?? []),
    pythonDependencies: [...options.pythonDependencies ?? []],
    envVars: { ...envVars },
    files: { ...options.files },
    flowctlDirectory: posix.normalize(flowctlDirectory).replace(/(.)\/$/, "$1"),
    extraDockerfileCommands: [...options.extraDockerfileCommands ?? []],
    buildOptions: { ...options.buildOptions },
  };
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;
const IMAGE_NAME = /^[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const IMAGE_TAG = /^\w[\w.-]{0,127}$/;
const NAME_HINT =
  "Docker takes lower-case letters, digits, and . _ - between them; the registry is said in registryUrl";
const TAG_HINT = "Docker takes up to 128 letters, digits, and _ . -, and none of . - first";

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function npmPackages(words: readonly string[]): NpmPackage[] {
  if (words.some((word) => /\s/.test(word.trim()))) {
    throw new FlowctlError("invalid", `Cannot make ${WHAT}: npmDependencies has a name with a space`);
  }
  try {
    return parseNpmPackages(words.join(" "));
  } catch (error) {
    const why = (error as Error).message.replace(/^Cannot use \w+: /, "");
    throw new FlowctlError("invalid", `Cannot make ${WHAT}: in npmDependencies ${why}`, { cause: error });
  }
}

/**
 * A registry's address as images' names begin: without scheme and trailing slash; Docker Hub's own host is left out where the engine
 * leaves it out, too.
 *
 * @throws {FlowctlError} `invalid`
 *
 * @example
 * ```ts
 * import { normalizeRegistry } from "./docker_storage_options.ts";
 *
 * console.assert(normalizeRegistry("gcr.io/dev/") === "gcr.io/dev");
 * console.assert(normalizeRegistry("docker.io/me") === "me");
 * ```
 */
export function normalizeRegistry(url: string): string {
  const plain = url.trim().replace(/^https?:\/\//i, "").replace(/\/{2,}/g, "/").replace(/^\/+|\/+$/g, "");
  const short = plain.replace(/^(index\.|registry-1\.)?docker\.io(\/|$)/i, "");
  // `docker.io` alone means one's own images only with a user's name; `library` is what the engine would add.
  const name = short === "" && plain !== "" ? "docker.io" : short;
  const [host, ...rest] = name.split("/");
  const isHost = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(host) || /^\[[0-9a-f:]+\](:\d{1,5})?$/i.test(host);
  if (isHost && rest.every((part) => IMAGE_NAME.test(part))) return [host, ...rest].join("/");
  throw new FlowctlError(
    "invalid",
    `Cannot make ${WHAT}: registryUrl is "${hidePassword(url)}", not HOST[:PORT][/PATH]`,
    {
      hint: 'Write it as images\' names begin: "gcr.io/dev". Who pushes is said with: docker login HOST',
    },
  );
}

/** Somebody may have written an address with a password. */
const hidePassword = (url: string): string => url.replace(/^(\w+:\/\/)?[^/@]*@/, "$1***@");

/** The parts of the options that decide what is in the image; texts and numbers only. */
export function hashedSettings(settings: DockerStorageSettings): Record<string, JsonValue> {
  const { registryUrl, baseImage, flowctlVersion, imageName, ignoreHealthchecks, path, storedAsScript } = settings;
  const given = { registryUrl, baseImage, flowctlVersion, imageName, ignoreHealthchecks, path, storedAsScript };
  const { npmDependencies, pythonDependencies, envVars, flowctlDirectory, extraDockerfileCommands, buildOptions } =
    settings;
  return JSON.parse(JSON.stringify({
    ...given,
    npmDependencies,
    pythonDependencies,
    envVars,
    flowctlDirectory,
    extraDockerfileCommands,
    buildOptions,
  }));
}
