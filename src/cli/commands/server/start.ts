/**
 * `flowctl server start`: the server of the older dialect, with its page on a port of its own and without an agent.
 *
 * @module
 */

import { messageOf } from "../../../support/errors.ts";
import type { Log } from "../../../support/log.ts";
import { accessLines } from "../../access_lines.ts";
import type { MakeCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { DETACHED_VARIABLE, type DetachedReady } from "../../detached.ts";
import { serverCommand } from "../../server_options.ts";

const LETTERS = String.raw`
 WELCOME TO

  ___ _    _____      _____ _____ _       ___ ___ _____   _____ ___
 | __| |  / _ \ \    / / __|_   _| |     / __| __| _ \ \ / / __| _ \
 | _|| |_| (_) \ \/\/ / (__  | | | |__   \__ \ _||   /\ V /| _||   /
 |_| |____\___/ \_/\_/ \___| |_| |____|  |___/___|_|_\ \_/ |___|_|_\
`;

/** See the module's comment. */
export const serverStart: MakeCommand = (context) =>
  serverCommand(context, "start", {
    description: "Start the server: REST API, page and scheduler, without an agent",
    examples: [
      "flowctl server start",
      "flowctl server start --expose",
      "flowctl server start --detach --hide-welcome --server-port 4300 --ui-port 8300",
    ],
    notes:
      "Ctrl-C or `flowctl server stop` stops it; its data stays. API and page answer on both ports. When an engine answers, the network\n" +
      "flowctl-server is made in it. Start agents with: flowctl agent docker start",
  })
    .action(async ({ expose, serverPort, uiPort, detach, hideWelcome, ui, logLevel }) => {
      const { out, signal, env } = context;
      if (detach) {
        const args = [
          ...["server", "start", "--server-port", `${serverPort}`, "--ui-port", `${uiPort}`],
          ...expose ? ["--expose"] : [],
          ...ui ? [] : ["--no-ui"],
          ...logLevel === undefined ? [] : ["--log-level", logLevel],
        ];
        const { pid, log, ...ready } = await context.parts.startDetached({ args, env, signal });
        welcome(ready, { ui, hideWelcome }).forEach(out.line);
        out.line(`The server runs as process ${pid}, its log is ${log}`);
        return out.line("Stop it with: flowctl server stop");
      }
      const isDetached = env[DETACHED_VARIABLE] === "1";
      if (!isDetached) out.line("Starting the server...");
      const log = context.log(logLevel);
      const server = await context.parts.startServer({
        host: "127.0.0.1",
        port: serverPort,
        uiPort,
        portOptions: { port: "--server-port", uiPort: "--ui-port" },
        ...expose ? { expose } : {},
        services: true,
        ui,
        prepare: () => openNetwork(context, log),
        log,
        env,
        clock: context.clock,
        random: context.random,
      });
      try {
        const lines = accessLines(server, expose ? "0.0.0.0" : "127.0.0.1");
        const ready: DetachedReady = { url: server.url, ui_url: server.uiUrl ?? server.url, lines };
        // Whoever started a detached one reads this, and is gone afterwards.
        if (isDetached) out.line(JSON.stringify(ready));
        else welcome(ready, { ui, hideWelcome }).forEach(out.line);
        await aborted(signal);
        if (!isDetached) out.line("Stopping the server...");
      } finally {
        await server.stop();
        await closeNetwork(context, log);
      }
      if (!isDetached) out.line("The server is stopped");
    });

/** What a person needs to know about a server that has just started. */
function welcome({ url, ui_url, lines }: DetachedReady, { ui, hideWelcome }: { ui: boolean; hideWelcome?: true }) {
  const forPeople = (address: string) => address.replace("//127.0.0.1:", "//localhost:");
  return [
    ...hideWelcome ? [] : [LETTERS],
    ui ? `Visit ${forPeople(ui_url)} to get started` : "The page is switched off by --no-ui",
    `The API is at ${forPeople(url)}/api, its reference at ${forPeople(url)}/docs`,
    ...lines,
  ];
}

/** A server without an engine is as good as any: its agents may be elsewhere. */
async function openNetwork({ parts, env }: Context, log: Log): Promise<void> {
  try {
    const { name, outcome } = await parts.openServerNetwork({ env });
    log.info(outcome === "created" ? `Created network '${name}'` : `Using network '${name}', which is there`);
  } catch (error) {
    log.warning(`No network was made for containers: ${messageOf(error)}`);
  }
}

async function closeNetwork({ parts, env }: Context, log: Log): Promise<void> {
  try {
    const { name, outcome } = await parts.closeServerNetwork({ env });
    if (outcome === "removed") log.info(`Removed network '${name}'`);
    if (outcome === "in use") log.info(`Left network '${name}': containers are connected to it`);
  } catch (error) {
    log.debug(`The network was not looked at: ${messageOf(error)}`);
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
