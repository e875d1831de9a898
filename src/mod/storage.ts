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

export {
  type DockerBuildCall,
  type DockerBuildOptions,
  DockerStorage as Docker,
  type DockerStorageInfo,
  type DockerStorageOptions,
  type DockerTlsFiles,
} from "./mod.ts";
