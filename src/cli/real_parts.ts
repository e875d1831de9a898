/**
 * The real {@link Parts}: each folder is loaded when a command first needs it. The imports are literal, so that they are compiled
 * into the binary.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { settingText } from "../config/profiles.ts";
import type { SdkModules } from "../bundles/sdk_modules.ts";
import type { LoadedDeployment } from "../sdk/deployments.ts";
import { flowctlHome, inHome } from "../support/paths.ts";
import { isCompiled, runtimeTag, selfCommand } from "../support/runtime.ts";
import { VERSION } from "../support/version.ts";
import type { Parts } from "./parts.ts";
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
    async runAgent(options) {
      await (await import("../agent/start_agent.ts")).startAgent(options);
    },
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
    async registering() {
      await bundles();
      return await import("../sdk/registering.ts");
    },
    openScratch,
    runSelf,
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

const openScratch: Parts["openScratch"] = async (options) => {
  const [{ openEphemeral }, { createClient }] = await Promise.all([
    import("../server/ephemeral.ts"),
    import("../client/client.ts"),
  ]);
  const home = mkdtempSync(join(tmpdir(), "flowctl-run-"));
  const app = await openEphemeral({ settings: { home }, ...options });
  const url = "http://localhost/api";
  return {
    client: createClient({ url, fetch: app.fetch }),
    fetch: app.fetch,
    mode: "ephemeral",
    address: home,
    async close() {
      await app.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

const runSelf: Parts["runSelf"] = async (args, { env, cwd, signal, onLine }) => {
  const { childEnvironment, startProcess } = await import("../support/subprocess.ts");
  const child = await startProcess({ command: [...selfCommand(MAIN), ...args], env: childEnvironment(env), cwd });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const line of child.lines) onLine(line);
    return (await child.exited).code ?? 1;
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

/** This program, for containers. */
const programOf = (env: Record<string, string | undefined>) => ({
  version: VERSION,
  runtime: runtimeTag,
  env,
  ...(isCompiled ? { own: process.execPath } : { sourceFolder: dirname(MAIN) }),
});
