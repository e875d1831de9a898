/**
 * Docker storage: an image with flowctl, flows and what they need. What it builds is in `images/build`.
 *
 * @module
 */

import { posix } from "node:path";
import process from "node:process";
import type { DockerStorageInfo } from "../domain/storage.ts";
import { FlowctlError } from "../support/errors.ts";
import { imageTagSlug } from "../support/slug.ts";
import { type DockerStorageOptions, type DockerStorageSettings, readStorageOptions } from "./docker_storage_options.ts";
import { type AnyFlow, isCollecting } from "./registry.ts";

/** Options of {@link Docker.build}. */
export interface DockerBuildCall {
  /** False never pushes. Default: push when there is a registry. */
  push?: boolean;
  /** Takes each line of the build. Default: standard output. */
  print?: (line: string) => void;
  /** Stops the build in the engine. Default: Ctrl-C does. */
  signal?: AbortSignal;
  /** The time in the tag. Default: now. */
  now?: Temporal.Instant;
}

/**
 * Keeps flows in a Docker image.
 *
 * @example A flow whose image has two npm packages
 * ```ts
 * import { flow } from "flowctl";
 * import { Docker } from "flowctl/storage";
 *
 * const storage = new Docker({ registryUrl: "gcr.io/dev/", npmDependencies: ["left-pad", "is-odd@3"] });
 * const etl = flow("etl", () => console.log("extracted"), { storage });
 * console.assert(etl.storage === storage);
 * ```
 *
 * @example Several flows in one image
 * ```ts
 * import { flow } from "flowctl";
 * import { Docker } from "flowctl/storage";
 *
 * const storage = new Docker({ imageName: "both" });
 * storage.addFlow(flow("first", () => {}));
 * storage.addFlow(flow("second", () => {}));
 * console.assert(storage.flows.get("second") === "/opt/flowctl/flows/second.js");
 * // await storage.build();
 * ```
 */
export class Docker {
  readonly #settings: DockerStorageSettings;
  readonly #added = new Map<string, AnyFlow>();
  readonly #paths = new Map<string, string>();
  #image: Omit<DockerStorageInfo, "type" | "path"> | undefined;
  #tag: string | undefined;
  #name: string | undefined;

  /** Makes one; nothing is built. @throws {FlowctlError} `invalid` for options that nobody could build */
  constructor(options: DockerStorageOptions = {}) {
    this.#settings = readStorageOptions(options);
  }

  /** Names of flows, and where each lies in the image. */
  get flows(): Map<string, string> {
    return new Map(this.#paths);
  }

  /** Names of the packages that the image has, and that flows may import although they are not installed beside them. */
  get packages(): readonly string[] {
    return this.#settings.npmDependencies.map(({ name }) => name);
  }

  /** The flows that were added. */
  get added(): readonly AnyFlow[] {
    return [...this.#added.values()];
  }

  /**
   * Adds a flow.
   *
   * @returns Where it will lie in the image.
   * @throws {FlowctlError} `conflict` for a second flow of that name
   */
  addFlow(flow: AnyFlow | { readonly name: string; readonly definition: unknown }): string {
    const added = flow as AnyFlow;
    if (typeof added !== "function" || added.definition === undefined) {
      throw new FlowctlError("invalid", "Cannot add a flow to Docker storage: it is not made by flow()");
    }
    const { name } = added;
    if (this.#paths.has(name)) {
      throw new FlowctlError("conflict", `Cannot add flow "${name}" to Docker storage: it has a flow of that name`);
    }
    const { path, flowctlDirectory } = this.#settings;
    const place = path ?? this.#freePlace(posix.join(flowctlDirectory, "flows", imageSlug(name)));
    this.#paths.set(name, place);
    this.#added.set(name, added);
    return place;
  }

  /** Names that differ only in what a slug leaves out get a number. */
  #freePlace(stem: string): string {
    const taken = new Set(this.#paths.values());
    for (let n = 1;; n++) {
      const place = `${stem}${n === 1 ? "" : `-${n}`}.js`;
      if (!taken.has(place)) return place;
    }
  }

  /**
   * Builds the image, and pushes it when there is a registry. Without flows it is a dry run of everything else.
   *
   * @throws {FlowctlError} `user_code` when a step or a check fails, with what it printed; of the engine and the registry
   */
  async build(options: DockerBuildCall = {}): Promise<this> {
    if (isCollecting()) {
      // As Prefect does: whoever loads the file, in the image at the latest, wants its flows and not its builds.
      process.stderr.write(
        'Docker storage is not built while its file is loaded; build it under "if (import.meta.main)"\n',
      );
      return this;
    }
    const { buildStorage } = await import("./build_storage.ts");
    const now = options.now ?? Temporal.Now.instant();
    this.#name ??= this.#settings.imageName ?? this.#defaultName();
    this.#tag ??= this.#settings.imageTag ?? timeTag(now);
    const image = { name: this.#name, tag: this.#tag };
    this.#image = await buildStorage({ settings: this.#settings, flows: this.#flowsToBuild(), image, ...options });
    return this;
  }

  /** The hash of code, options and build inputs; nothing is built, and no engine is asked. */
  async contentHash(): Promise<string> {
    const { contentHashOf } = await import("./build_storage.ts");
    return await contentHashOf(this.#settings, this.#flowsToBuild());
  }

  /** A flow by name: from the image when this runs in it, else the one that was added. @throws {FlowctlError} `not_found` */
  async getFlow(name: string): Promise<AnyFlow> {
    const path = this.#paths.get(name);
    if (path === undefined) {
      const names = [...this.#paths.keys()].map((one) => `"${one}"`).join(", ") || "no flow";
      throw new FlowctlError("not_found", `Cannot get flow "${name}" from Docker storage: it has ${names}`);
    }
    const { isStoredHere, loadStoredFlow } = await import("./stored_flow.ts");
    return isStoredHere(path) ? await loadStoredFlow(path, name) : this.#added.get(name)!;
  }

  /** What a registration stores of a flow. @throws {FlowctlError} `conflict` before the build, `not_found` for another flow */
  info(flowName: string): DockerStorageInfo {
    const path = this.#paths.get(flowName);
    if (path === undefined) {
      throw new FlowctlError(
        "not_found",
        `Cannot describe flow "${flowName}": Docker storage has no flow of that name`,
      );
    }
    if (this.#image === undefined) {
      throw new FlowctlError("conflict", `Cannot describe flow "${flowName}": its image is not built yet`, {
        hint: "Call build() first",
      });
    }
    return { type: "docker", ...this.#image, path };
  }

  #defaultName(): string {
    const [only, ...others] = this.#paths.keys();
    return only === undefined || others.length > 0 ? crypto.randomUUID() : imageSlug(only);
  }

  #flowsToBuild(): { flow: AnyFlow; path: string }[] {
    return [...this.#added].map(([name, flow]) => ({ flow, path: this.#paths.get(name)! }));
  }
}

/** `docker_1_flow` → `docker-1-flow`: lower case, letters, digits and dashes. */
function imageSlug(name: string): string {
  const slug = imageTagSlug(name).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return slug === "" ? "flow" : slug;
}

/** `2021-11-18t22-30-09-072770-00-00`. */
function timeTag(now: Temporal.Instant): string {
  return `${now.toString({ fractionalSecondDigits: 6 }).replace("Z", "")}-00-00`.toLowerCase().replace(/[:.]/g, "-");
}
