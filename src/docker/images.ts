/**
 * Images of the engine: looking, naming, moving in and out.
 *
 * @module
 */

import { type ProgressEvent, progressOf } from "./progress.ts";
import { type CallOptions, path, type Transport } from "./transport.ts";
import type { AuthConfig, ImageInspectInfo } from "./types.ts";

/** An image, which may or may not exist. Made by `docker.getImage()`. */
export class Image {
  /** What it was asked for by: `name[:tag]`, `name@digest` or an id. */
  readonly id: string;
  readonly #transport: Transport;

  constructor(transport: Transport, id: string) {
    this.id = id;
    this.#transport = transport;
  }

  /** Everything about it. @throws FlowctlError `not_found`. */
  async inspect(options: CallOptions = {}): Promise<ImageInspectInfo> {
    return await this.#transport.json({
      ...options,
      action: `inspect image "${this.id}"`,
      answer: ["Id", "Os", "Architecture"],
      path: path`/images/${this.id}/json`,
    });
  }

  /** Gives it another name. */
  async tag({ repo, tag, signal }: { repo: string; tag?: string } & CallOptions): Promise<void> {
    await this.#transport.done({
      action: `tag image "${this.id}" as "${tag === undefined ? repo : `${repo}:${tag}`}"`,
      method: "POST",
      path: path`/images/${this.id}/tag`,
      query: { repo, tag },
      signal,
    });
  }

  /** Removes this name of it, and the image with its last name. @throws FlowctlError `conflict` when a container uses it. */
  async remove(
    { force, noprune, signal }: { force?: boolean; noprune?: boolean } & CallOptions = {},
  ): Promise<{ Untagged?: string; Deleted?: string }[]> {
    return await this.#transport.json({
      action: `remove image "${this.id}"`,
      answer: "list",
      method: "DELETE",
      path: path`/images/${this.id}`,
      query: { force, noprune },
      signal,
      isLong: true,
    });
  }

  /** Pushes it to the registry that its name begins with. @throws FlowctlError `unavailable`, from within the stream. */
  push(
    { tag, authconfig, signal }: { tag?: string; authconfig?: AuthConfig } & CallOptions = {},
  ): AsyncGenerator<ProgressEvent, void, undefined> {
    const reference = parseReference(this.id);
    return progressOf(this.#transport, {
      action: `push image "${this.id}"`,
      method: "POST",
      path: path`/images/${reference.name}/push`,
      query: { tag: tag ?? reference.tag },
      // Engines before 1.42 refuse a push without this header, also when there is nobody to name.
      headers: { "x-registry-auth": registryAuth(authconfig ?? {}) },
      signal,
    }, "unavailable");
  }

  /** The image with its layers and names as a tar archive (`docker save`). Read it to the end, or cancel it. */
  async get({ signal }: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#transport.request({
      action: `save image "${this.id}"`,
      path: path`/images/${this.id}/get`,
      signal,
      isLong: true,
    });
    return response.body!;
  }
}

/** Options of {@link pull}. */
export interface PullOptions extends CallOptions {
  authconfig?: AuthConfig;
  /** `os/arch`. */
  platform?: string;
}

/** `docker.pull()`, see there. */
export function pull(
  transport: Transport,
  reference: string,
  { authconfig, platform, signal }: PullOptions,
): AsyncGenerator<ProgressEvent, void, undefined> {
  const { name, tag = "latest" } = parseReference(reference);
  return progressOf(transport, {
    action: `pull image "${reference}"`,
    method: "POST",
    path: "/images/create",
    // Without a tag the engine would pull all of them.
    query: { fromImage: name, tag, platform },
    headers: authconfig === undefined ? undefined : { "x-registry-auth": registryAuth(authconfig) },
    signal,
  }, "unavailable");
}

/** Options of {@link importImage}. */
export interface ImportOptions extends CallOptions {
  repo?: string;
  tag?: string;
  message?: string;
  /** Lines of a Dockerfile: `ENTRYPOINT ["/flowctl"]`, `ENV A=b`, `LABEL …`, `USER …`. */
  changes?: readonly string[];
  /** `os/arch`. */
  platform?: string;
}

/** `docker.importImage()`, see there. */
export function importImage(
  transport: Transport,
  tar: ReadableStream<Uint8Array> | Uint8Array,
  { repo, tag, message, changes, platform, signal }: ImportOptions,
): AsyncGenerator<ProgressEvent, void, undefined> {
  return progressOf(transport, {
    action: `import image "${repo ?? "(without a name)"}${tag === undefined ? "" : `:${tag}`}"`,
    method: "POST",
    path: "/images/create",
    // Podman 4 heeds no tag of its own here; both take one as part of the name.
    query: { fromSrc: "-", repo: tag === undefined ? repo : `${repo}:${tag}`, message, changes, platform },
    tar,
    signal,
  }, "invalid");
}

/** `docker.loadImage()`, see there. */
export function loadImage(
  transport: Transport,
  tar: ReadableStream<Uint8Array> | Uint8Array,
  { quiet, signal }: { quiet?: boolean } & CallOptions,
): AsyncGenerator<ProgressEvent, void, undefined> {
  return progressOf(transport, {
    action: "load an image",
    method: "POST",
    path: "/images/load",
    query: { quiet },
    tar,
    signal,
  }, "invalid");
}

/** Options of {@link buildImage}. */
export interface BuildOptions extends CallOptions {
  /** Names of the image, `name:tag`. */
  t?: string | readonly string[];
  /** Path in the archive; `Dockerfile` by default. */
  dockerfile?: string;
  buildargs?: Record<string, string>;
  labels?: Record<string, string>;
  /** Stage to build. */
  target?: string;
  /** `os/arch`. */
  platform?: string;
  nocache?: boolean;
  /** Whether to ask the registry for newer base images. */
  pull?: boolean;
  networkmode?: string;
  extrahosts?: string;
  /** Who pulls base images, by registry. */
  registryconfig?: Record<string, AuthConfig>;
}

/** `docker.buildImage()`, see there. */
export function buildImage(
  transport: Transport,
  tar: ReadableStream<Uint8Array> | Uint8Array,
  { t, buildargs, labels, registryconfig, signal, ...options }: BuildOptions,
): AsyncGenerator<ProgressEvent, void, undefined> {
  const names = t === undefined ? [] : [t].flat();
  return progressOf(transport, {
    action: `build image "${names[0] ?? "(without a name)"}"`,
    method: "POST",
    path: "/build",
    query: {
      ...options,
      t: names,
      buildargs: buildargs && JSON.stringify(buildargs),
      labels: labels && JSON.stringify(labels),
      // A failing step would leave its container behind.
      rm: true,
      forcerm: true,
    },
    headers: registryconfig && { "x-registry-config": base64url(registryconfig) },
    tar,
    signal,
  }, "invalid");
}

/**
 * Takes an image's name apart. A digest wins over a tag, as in docker.
 *
 * @example
 * ```ts
 * import { parseReference } from "./images.ts";
 *
 * console.assert(parseReference("localhost:5000/team/app:1.2").name === "localhost:5000/team/app");
 * console.assert(parseReference("app@sha256:12").tag === "sha256:12");
 * console.assert(parseReference("app").tag === undefined);
 * ```
 */
export function parseReference(reference: string): { name: string; tag?: string } {
  const [named, digest] = reference.split("@", 2);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const name = colon === -1 ? named : named.slice(0, colon);
  const tag = digest ?? (colon === -1 ? undefined : named.slice(colon + 1));
  return tag === undefined ? { name } : { name, tag };
}

/** The value of `X-Registry-Auth`. */
export function registryAuth(auth: AuthConfig): string {
  return base64url(auth);
}

function base64url(value: unknown): string {
  // The engine decodes with Go's URLEncoding, which wants the padding.
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
