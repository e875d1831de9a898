/**
 * The parts of `flowctl server`: its network in the engine, stopping it from outside, and starting it on its own.
 *
 * @module
 */

import type { NetworkFate } from "../server/network.ts";
import type { ServerFile } from "../server/home.ts";
import type { Clock } from "../support/clock.ts";
import type { DetachedServer } from "./detached.ts";

type Env = Record<string, string | undefined>;

/** See the module's comment. */
export interface ServerParts {
  /** Makes the network of the server, unless it is there. Throws when no engine answers in time. */
  openServerNetwork(options: { env: Env }): Promise<{ name: string; outcome: "created" | "there" }>;
  /** Removes the network when it is this home's and empty. */
  closeServerNetwork(options: { env: Env }): Promise<{ name: string; outcome: NetworkFate }>;
  /** Stops the server of the home and waits until it is gone; undefined when none runs. */
  stopServer(options: { env: Env; clock: Clock; signal: AbortSignal }): Promise<ServerFile | undefined>;
  /** Starts `flowctl <args>` on its own and waits until it says that it is ready. */
  startDetached(options: { args: string[]; env: Env; signal: AbortSignal }): Promise<DetachedServer>;
}

/** How long an engine may take: a server does not wait for one that hangs. */
const ENGINE_MS = 5_000;
/** What a server may take beyond its grace for requests. */
const STOP_MARGIN_MS = 20_000;

/**
 * Makes them.
 *
 * @param command What starts this program.
 */
export function serverParts(command: string[]): ServerParts {
  return {
    openServerNetwork: ({ env }) =>
      withNetwork(env, async (options) => (await import("../server/network.ts")).openServerNetwork(options)),
    closeServerNetwork: ({ env }) =>
      withNetwork(env, async (options) => (await import("../server/network.ts")).closeServerNetwork(options)),
    async stopServer({ env, ...options }) {
      const [{ readSettings }, { stopServer }, { createNodeFetch }] = await Promise.all([
        import("../config/settings.ts"),
        import("../server/stop.ts"),
        import("../support/node_fetch.ts"),
      ]);
      const { home, stopGraceSeconds } = readSettings(env);
      const fetch = createNodeFetch();
      try {
        return await stopServer({ ...options, home, fetch, waitMs: stopGraceSeconds * 1000 + STOP_MARGIN_MS });
      } finally {
        fetch.close();
      }
    },
    async startDetached(options) {
      const [{ readSettings }, { startDetached }, { prepareHome }] = await Promise.all([
        import("../config/settings.ts"),
        import("./detached.ts"),
        import("../server/home.ts"),
      ]);
      const { home } = readSettings(options.env);
      prepareHome(home);
      return await startDetached({ ...options, command: [...command, ...options.args], home });
    },
  };
}

async function withNetwork<T>(
  env: Env,
  act: (options: import("../server/network.ts").ServerNetworkOptions) => Promise<T>,
): Promise<{ name: string; outcome: T }> {
  const [{ readSettings }, { openDocker }, identity] = await Promise.all([
    import("../config/settings.ts"),
    import("../docker/client.ts"),
    import("../agent/identity.ts"),
  ]);
  const { home, serverNetwork: name } = readSettings(env);
  const signal = AbortSignal.timeout(ENGINE_MS);
  using docker = await openDocker({ env });
  // Of a home without an agent so far the id is made now.
  const { installation } = identity.readIdentity(home) ?? made(identity.openIdentity(home));
  return { name, outcome: await act({ docker, name, installation, signal }) };
}

function made(identity: { installation: string; release(): void }): { installation: string } {
  identity.release();
  return identity;
}
