/**
 * The real {@link Parts}: each folder is loaded when a command first needs it. The imports are literal, so that they are compiled
 * into the binary.
 *
 * @module
 */

import type { LoadedDeployment } from "../sdk/deployments.ts";
import { FlowctlError } from "../support/errors.ts";
import { runtimeTag } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";
import type { Parts } from "./parts.ts";

/** The modules that `"flowctl"` and `"flowctl/storage"` are in users' files; `main.ts` hands them in. */
export type SdkModules = Record<"flowctl" | "flowctl/storage", () => Promise<object>>;

const missing = (): never => {
  throw new FlowctlError("unsupported", "Cannot do that yet: the part is not bound");
};

/** Makes the real parts. */
export function createParts(sdk: SdkModules): Parts {
  const bundles = async () => {
    const { registerSdk } = await import("../bundles/sdk_modules.ts");
    registerSdk(sdk);
    return await import("../bundles/loader.ts");
  };
  return {
    readSettings: async (env) => (await import("../config/settings.ts")).readSettings(env),
    connect: missing,
    startServer: missing,
    runAgent: missing,
    async loadDeployments(path) {
      await bundles();
      return await (await import("../sdk/deployments.ts")).loadDeployments(path);
    },
    async deploy(client, found) {
      const { deploy } = await import("../sdk/deploy.ts");
      return await deploy(client, found as LoadedDeployment, { runtimeTag, version: VERSION });
    },
    async executeFlowRun(options) {
      await bundles();
      return await (await import("../sdk/execute.ts")).executeFlowRun(options);
    },
    async runAsMain(path, args) {
      await (await bundles()).runAsMain(path, args);
    },
  };
}
