/**
 * What user code imports as `"flowctl/storage"`: where the code of flows is kept.
 *
 * @example
 * ```ts
 * import { flow } from "flowctl";
 * import { Docker } from "flowctl/storage";
 *
 * flow("docker_1_flow", () => console.log("Hello"), { storage: new Docker(), labels: ["docker_flows"] });
 * ```
 *
 * @module
 */

export { Docker, type DockerBuildCall } from "../sdk/docker_storage.ts";
export type { DockerBuildOptions, DockerStorageOptions, DockerTlsFiles } from "../sdk/docker_storage_options.ts";
export type { DockerStorageInfo } from "../domain/storage.ts";
