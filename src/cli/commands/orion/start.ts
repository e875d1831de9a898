/**
 * `flowctl orion start`: the server with its page, its services, and an agent.
 *
 * @module
 */

import { FlowctlError, messageOf } from "../../../support/errors.ts";
import { CONSOLE_LEVELS, type Log } from "../../../support/log.ts";
import { accessLines } from "../../access_lines.ts";
import { command, type MakeCommand, Option, wholeNumber } from "../../command.ts";
import type { Context } from "../../context.ts";
import type { RunningServer } from "../../parts.ts";

const LETTERS = String.raw`
  ___ _    _____      _____ _____ _       ___  ___ ___ ___  _  _
 | __| |  / _ \ \    / / __|_   _| |     / _ \| _ \_ _/ _ \| \| |
 | _|| |_| (_) \ \/\/ / (__  | | | |__  | (_) |   /| | (_) | .' |
 |_| |____\___/ \_/\_/ \___| |_| |____|  \___/|_|_\___\___/|_|\_|
`;

/** See the module's comment. */
export const orionStart: MakeCommand = (context) =>
  command(context, "start", {
    description: "Start the server: REST API, page, scheduler, and an agent",
    examples: [
      "flowctl orion start",
      "flowctl orion start --port 4300 --no-agent",
      "flowctl orion start --host 0.0.0.0",
    ],
    notes: "Ctrl-C stops it; flow containers go on, and the next agent on this home takes them over.",
  })
    .option("--host <address>", "address to listen on; beyond 127.0.0.1 every request needs a token", "127.0.0.1")
    .option(
      "--port <number>",
      "port to listen on; 0 lets the system choose",
      wholeNumber("--port", { most: 65535 }),
      4200,
    )
    .option("--no-agent", "start no agent along with the server")
    .option("--no-services", "do not schedule runs nor mark late ones")
    .option("--no-ui", "serve no page")
    .addOption(logLevelOption())
    .action(async (options) => {
      const { out, signal } = context;
      const log = context.log(options.logLevel);
      out.line("Starting Orion API server...");
      const { host, port, services, ui } = options;
      const { env, clock, random } = context;
      const server = await context.parts.startServer({ host, port, services, ui, log, env, clock, random });
      out.line(welcome(server.url, options.ui));
      accessLines(server, host).forEach(out.line);
      try {
        if (options.agent) out.line("Starting agent...");
        const agent = options.agent ? runAgent(context, server, log) : Promise.resolve();
        await aborted(signal);
        out.line("Stopping Orion API server...");
        await agent;
      } finally {
        await server.stop();
      }
      out.line("Orion stopped!");
    });

/** `--log-level`, in any case. */
export function logLevelOption() {
  return new Option("--log-level <level>", `least level of lines on the console: ${CONSOLE_LEVELS.join(", ")}`)
    .argParser((text) => CONSOLE_LEVELS.find((level) => level === text.toUpperCase()) ?? unknownLevel(text));
}

function unknownLevel(text: string): never {
  throw new FlowctlError("invalid", `Cannot use log level "${text}": it is not one of ${CONSOLE_LEVELS.join(", ")}`);
}

/** What a person needs to know about a server that has just started. */
export function welcome(url: string, hasPage: boolean): string {
  return [
    LETTERS,
    hasPage ? `Check out the page at ${url}` : "The page is switched off by --no-ui",
    `View the API reference at ${url}/docs`,
    "Tell clients to use this server with:",
    "",
    `    export FLOWCTL_API_URL=${url}/api`,
    "",
  ].join("\n");
}

/** An agent that ends early leaves the server running: it serves other agents too. */
async function runAgent(context: Context, server: RunningServer, log: Log): Promise<void> {
  try {
    const { createClient } = await import("../../../client/client.ts");
    await context.parts.runAgent({
      client: createClient({ url: `${server.url}/api`, fetch: server.fetch }),
      upstream: server.fetch,
      env: context.env,
      labels: [],
      pull: true,
      allow: [],
      showFlowLogs: false,
      isEphemeral: false,
      print: context.out.line,
      random: context.random,
      log: log.named("Agent"),
      clock: context.clock,
      signal: context.signal,
    });
  } catch (error) {
    log.named("Agent").error(`The agent stopped: ${messageOf(error)}`);
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
