/**
 * From Docker storage to an image: bundles the flows, gathers what else goes in, and hands it to `images/build`.
 *
 * @module
 */

import type { DockerStorageInfo } from "../domain/storage.ts";
import { FlowctlError } from "../support/errors.ts";
import type { DockerStorageSettings } from "./docker_storage_options.ts";
import type { AnyFlow } from "./registry.ts";

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

/** Builds, checks, tags and pushes. */
export function buildStorage(_options: BuildStorageOptions): Promise<Omit<DockerStorageInfo, "type" | "path">> {
  throw new FlowctlError("unsupported", "Cannot build Docker storage: this comes with the next commit");
}

/** See `Docker.contentHash()`. */
export function contentHashOf(_settings: DockerStorageSettings, _flows: readonly FlowToBuild[]): Promise<string> {
  throw new FlowctlError("unsupported", "Cannot hash Docker storage: this comes with the next commit");
}
