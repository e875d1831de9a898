/**
 * The real {@link Parts}: each folder is loaded when a command first needs it. The imports are literal, so that they are compiled
 * into the binary.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { settingText } from "../config/profiles.ts";
import type { SdkModules } from "../bundles/sdk_modules.ts";
import type { AllowOption } from "../runners/docker_policy.ts";
import type { LoadedDeployment } from "../sdk/deployments.ts";
import { flowctlHome, inHome } from "../support/paths.ts";
import { isCompiled, runtimeTag, selfCommand } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";
import type { AgentOptions, Parts } from "./parts.ts";
import { serverParts } from "./server_parts.ts";

const HOUR_MS = 3_600_000;

/** Only used from source; in the binary the program is its executable. */
const MAIN = isCompiled ? process.execPath : fileURLToPath(new URL("../../main.ts", import.meta.url));

/**
 * Makes the real parts.
 *
 * @param sdk What `"flowctl"` is in users' files; `main.ts` hands it in.
 */
export function createParts(sdk: SdkModules): Parts {
  const bundles = async () => {
    const { registerSdk } = await import("../bundles/sdk_modules.ts");
    registerSdk(sdk);
    return await import("../bundles/loader.ts");
  };
  return {
    ...serverParts([...selfCommand(MAIN)]),
    async connect({ env, ...options }) {
      const [{ readSettings }, { connect }] = await Promise.all([
        import("../config/settings.ts"),
        import("../server/connect.ts"),
      ]);
      return await connect({ settings: readSettings(env), ...options });
    },
    async findServer(home) {
      // Most homes have no server: nothing is loaded to find that out.
      if (!existsSync(inHome(home, "server.json"))) return undefined;
      const [{ findServer }, { createNodeFetch }] = await Promise.all([
        import("../server/home.ts"),
        import("../support/node_fetch.ts"),
      ]);
      const fetch = createNodeFetch();
      try {
        return (await findServer(home, fetch))?.url;
      } finally {
        fetch.close();
      }
    },
    async startServer({ env, ...options }) {
      const [{ readSettings }, { startServer }] = await Promise.all([
        import("../config/settings.ts"),
        import("../server/start.ts"),
      ]);
      return await startServer({ settings: readSettings(env), ...options });
    },
    runAgent: startAgent,
    async runDoctor({ env, baseUrl, ...options }) {
      const [{ runDoctor }, { openDocker }, { lookup }, { readSettings }] = await Promise.all([
        import("../agent/doctor/mod.ts"),
        import("../docker/client.ts"),
        import("node:dns/promises"),
        import("../config/settings.ts"),
      ]);
      const { apiWay, containerApiUrl } = readSettings(env);
      using docker = await openDocker({ baseUrl, env });
      const apiUrl = settingText(env, "FLOWCTL_API_URL") ?? env.FLOWCTL_ORION_HOST?.trim();
      const program = programOf(env), home = flowctlHome(env);
      return await runDoctor({ ...options, docker, program, home, apiUrl, apiWay, containerApiUrl, lookup });
    },
    async reapContainers({ env, baseUrl, ...options }) {
      const [{ reapContainers }, { openDocker }, { readSettings }] = await Promise.all([
        import("../agent/reap.ts"),
        import("../docker/client.ts"),
        import("../config/settings.ts"),
      ]);
      const { home, keepContainersHours, keepContainers } = readSettings(env);
      using docker = await openDocker({ baseUrl, env });
      return await reapContainers({
        ...options,
        docker,
        home,
        keepMs: keepContainersHours * HOUR_MS,
        keepCount: keepContainers,
      });
    },
    async reapImages({ env, baseUrl, ...options }) {
      const [{ reapImages }, { openDocker }] = await Promise.all([
        import("../agent/reap.ts"),
        import("../docker/client.ts"),
      ]);
      using docker = await openDocker({ baseUrl, env });
      return await reapImages({ ...options, docker, home: flowctlHome(env), version: VERSION });
    },
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
      const [{ executeFlowRun }, { printLine }] = await Promise.all([
        import("../sdk/execute.ts"),
        import("../sdk/print_line.ts"),
      ]);
      // A flow may end the process at any time: what was printed must be out by then.
      return await executeFlowRun({ ...options, print: printLine });
    },
    async checkImage(file, print) {
      await bundles();
      return await (await import("../sdk/check_image.ts")).checkImageHere(file, print);
    },
    async runAsMain(path, args) {
      const { runAsMain, userFile } = await bundles();
      (await import("../sdk/flow_sources.ts")).setMainSource(userFile(path));
      await runAsMain(path, args);
    },
  };
}

/** This program, for containers. */
const programOf = (env: Record<string, string | undefined>) => ({
  version: VERSION,
  runtime: runtimeTag,
  env,
  ...(isCompiled ? { own: process.execPath } : { sourceFolder: dirname(MAIN) }),
});

/** An agent with both runners. Its engine may be away: Docker runs wait until it answers. */
async function startAgent(
  { env, baseUrl, pull, allow, networks, keepContainersHours, keepContainers, ...options }: AgentOptions,
): Promise<void> {
  const [{ runAgent }, { openDocker }, { createDockerRunner }, { createSubprocessRunner }, { readSettings }] =
    await Promise.all([
      import("../agent/agent.ts"),
      import("../docker/client.ts"),
      import("../runners/docker_runner.ts"),
      import("../runners/subprocess_runner.ts"),
      import("../config/settings.ts"),
    ]);
  const settings = readSettings(env);
  const { apiWay, containerApiUrl } = settings;
  const keepMs = (keepContainersHours ?? settings.keepContainersHours) * HOUR_MS;
  const keepCount = keepContainers ?? settings.keepContainers;
  const docker = await openDocker({ baseUrl, env });
  const program = { ...programOf(env), source: options.client.binaries };
  try {
    await runAgent({
      ...options,
      home: flowctlHome(env),
      runners: [
        createDockerRunner({
          docker,
          program,
          pull,
          allow: allow as AllowOption[],
          networks,
          apiWay,
          containerApiUrl,
          keepMs,
          keepCount,
        }),
        createSubprocessRunner({ command: [...selfCommand(MAIN), "flow-run", "execute"], env }),
      ],
    });
  } finally {
    docker.close();
  }
}
